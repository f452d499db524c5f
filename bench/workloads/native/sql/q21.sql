-- Daft does not bind a subquery that compares with <> to the outer query, so both EXISTS are
-- written as counts of suppliers: of all that an order has, and of those that were late.
WITH of_order AS (
    SELECT l_orderkey AS order_key, COUNT(DISTINCT l_suppkey) AS suppliers
    FROM lineitem
    GROUP BY l_orderkey
),
late_of_order AS (
    SELECT l_orderkey AS late_order_key, COUNT(DISTINCT l_suppkey) AS late_suppliers
    FROM lineitem
    WHERE l_receiptdate > l_commitdate
    GROUP BY l_orderkey
)
SELECT s_name, COUNT(*) AS numwait
FROM supplier
JOIN lineitem ON s_suppkey = l_suppkey
JOIN orders ON o_orderkey = l_orderkey
JOIN nation ON s_nationkey = n_nationkey
JOIN of_order ON order_key = l_orderkey
JOIN late_of_order ON late_order_key = l_orderkey
WHERE o_orderstatus = 'F'
  AND l_receiptdate > l_commitdate
  AND suppliers > 1
  AND late_suppliers = 1
  AND n_name = 'SAUDI ARABIA'
GROUP BY s_name
ORDER BY numwait DESC, s_name
LIMIT 100
