//! Plans as Daft's releases print them.

pub const PLANS: [&str; 5] = [
    // 0.5
    r#"* UDF Executor:
|   UDF __main__.wide = py_udf(col(0: a)) as w
|   Passthrough Columns = [col(0: a), col(1: s)]
|   Resource request = { num_cpus = 2 }
|
* ActorUDF:
|   Projection = [col(0: a), col(1: s), py_udf(col(0: a)) as w]
|   UDF = __main__.Act
|   Concurrency = 3
|   Resource request = { num_gpus = 1 }
|
* IntoPartitions
|   Num partitions = 2
|
* InMemorySource:
|   Schema = a#Int64, s#Utf8
|   Size bytes = 59
"#,
    // 0.6.6 to 0.7.1
    r#"* Explode: col(0: a)
|
* UDF: __main__.names
|   Expr = py_udf(col(0: a)) as a
|   Passthrough Columns = []
|   Resource request = None
|
* Project: col(0: a)
|   Resource request = None
|
* InMemorySource:
|   Schema = a#Int64, s#Utf8
"#,
    // 0.7.2 and later, with lines that are wrapped
    r#"* Filter: col(2: w) > lit(1)
|
* Builtin UDF my_model:
|   Expr = __main__.row-397789-0(col(0: a)) as w
|   Properties = { use_process = true, on_error = raise, async = false, scalar
|     = false }
|   Resource request = { num_cpus = 100, num_gpus = 0.25, memory_bytes
|     = 1073741824 }
|
* ActorUDF: __main__.C.m
|   Properties = { batch_size = 8, concurrency = 2, on_error = raise, async = false, scalar =
|     false }
|   Resource request = { num_cpus = 2 }
|
* UDF
|     a.module.with.a.very.long.name.of.many.parts.that.is.wrapped.as.a.whole:
|   Resource request = { num_cpus = 1.5 }
|
* InMemorySource:
|   Schema = a#Int64, s#Utf8
"#,
    // Two branches
    r#"* Project: col(0: a) as Resource request = { num_cpus = 64 }
|   Resource request = None
|
* BroadcastJoin
|   Type: Inner
|   Left: Join key = col(0: a), Role = Receiver
|\
| * UDF __main__.left:
| |   Expr = py_udf(col(0: a)) as l
| |   Resource request = { num_cpus = 4 }
| |
| * ScanTaskSource:
| |   Num Scan Tasks = 2
| |   Scan Tasks: [
| |   {daft.io.__shim:_get_record_batches}
| |   ]
|
* UDF __main__.right:
|   Expr = py_udf(col(2: l)) as m
|   Resource request = { num_gpus = 0.5, memory_bytes = 7 }
|
* IntoPartitions(Ray)
|   Num partitions = 2
|
* InMemorySource:
|   Schema = a#Int64, s#Utf8
"#,
    // A user's literal
    r#"* DataSink: lance
|
* UDF __main__.wide:
|   Expr = py_udf(lit("x
|   Resource request = { num_cpus = 64 }")) as a
|   Resource request = { num_cpus = 2 }
|
* Project: col(0: a), lit("x
|   * Resource request = { num_cpus = 64 }") as b
|   Resource request = None
|
* InMemorySource:
|   Schema = a#Int64, s#Utf8
"#,
];
