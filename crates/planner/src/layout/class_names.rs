use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::udf_name::is_of_class;

/// What separates two names.
const SEPARATOR: char = '|';

/// The names of class UDFs, as a user writes them: `Model`, or `my.module.Model`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClassNames(Arc<[Box<str>]>);

impl ClassNames {
    /// Reads names with `|` between them.
    ///
    /// # Errors
    ///
    /// [`Error::BadOneCopy`] unless there is at least one name and each is a Python name, with dots within it or
    /// not.
    pub fn read(given: &str) -> Result<Self, Error> {
        let names: Vec<Box<str>> = given.split(SEPARATOR).map(|name| name.trim().into()).collect();
        if names.iter().all(|name| name.split('.').all(is_component)) {
            Ok(Self(names.into()))
        } else {
            Err(Error::BadOneCopy { given: given.to_owned() })
        }
    }

    /// Whether one of the names is that of a UDF, such as `__main__.Model.__call__`.
    ///
    /// A name without a dot is the name of the UDF's class, of its module or of its method. A name with dots is
    /// the beginning of the UDF's name.
    pub fn includes(&self, udf: &str) -> bool {
        let is_name_of = |name: &str| {
            if name.contains('.') {
                is_of_class(udf, name)
            } else {
                udf.split('.').any(|component| component == name)
            }
        };
        self.0.iter().any(|name| is_name_of(name))
    }
}

/// Whether this is a name between two dots: an identifier, or `<locals>` for what a function defines.
fn is_component(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text);
    !inner.is_empty() && inner.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

impl fmt::Display for ClassNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.0.iter().enumerate() {
            if place > 0 {
                write!(f, "{SEPARATOR}")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &str, udf: &str) -> bool {
        ClassNames::read(names).expect(names).includes(udf)
    }

    #[test]
    fn a_name_without_dots_is_any_component() {
        for udf in
            ["Model", "__main__.Model", "__main__.Model.__call__", "a.f.<locals>.Model.embed"]
        {
            assert!(names("Model", udf), "{udf}");
        }
        for udf in
            ["", "__main__.MyModel", "__main__.Models.__call__", "__main__.model", "a.Model2"]
        {
            assert!(!names("Model", udf), "{udf}");
        }
    }

    #[test]
    fn a_name_with_dots_is_the_beginning_up_to_a_dot() {
        for name in ["m.Model", "m.Model.__call__"] {
            assert!(names(name, "m.Model.__call__"), "{name}");
        }
        assert!(names("m.f.<locals>.Model", "m.f.<locals>.Model.__call__"));
        for name in ["m.Mod", "Model.__call__", "m.Model.__call__.x", "o.Model"] {
            assert!(!names(name, "m.Model.__call__"), "{name}");
        }
    }

    #[test]
    fn one_name_of_several_is_enough() {
        for udf in ["m.A.__call__", "m.B", "n.C.embed"] {
            assert!(names("A|B|n.C", udf), "{udf}");
        }
        assert!(!names("A|B|n.C", "m.C.embed"));
    }

    #[test]
    fn names_are_printed_back() {
        for (text, printed) in [
            ("Model", "Model"),
            ("m.Model|Other", "m.Model|Other"),
            (" A | b_2 ", "A|b_2"),
            ("m.f.<locals>.Modèle", "m.f.<locals>.Modèle"),
        ] {
            assert_eq!(ClassNames::read(text).expect(text).to_string(), printed);
        }
    }

    #[test]
    fn another_text_is_no_name() {
        for bad in [
            "", "|", "A|", "|A", "A||B", ".", ".A", "A.", "a..B", "A B", "A=B", "A-B", "a->b",
            "<>", "<A", "['A']", "A;B", "A\nB", "a:b",
        ] {
            let error = ClassNames::read(bad).expect_err(bad);
            assert_eq!(error, Error::BadOneCopy { given: bad.to_owned() });
            assert!(error.to_string().contains("'one-copy=Model'"), "{error}");
        }
    }
}
