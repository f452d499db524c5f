/// Whether a UDF is the class of this name or one of its methods, as Daft names UDFs: the name of the class with
/// its module, or that and the name of the method after a dot. `class` may also be the name of a module.
pub fn is_of_class(udf: &str, class: &str) -> bool {
    udf.strip_prefix(class).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_have_the_name_of_their_class_before_theirs() {
        for udf in ["m.Model", "m.Model.__call__"] {
            assert!(is_of_class(udf, "m.Model"), "{udf}");
        }
        for udf in ["m.Models", "m.Model2.__call__", "n.m.Model", "Model"] {
            assert!(!is_of_class(udf, "m.Model"), "{udf}");
        }
    }
}
