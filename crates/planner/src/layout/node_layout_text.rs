use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::layout::kind::LayoutKind;
use crate::layout::node_layout::NodeLayout;
use crate::layout::option_value::OptionValue;

impl FromStr for NodeLayout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut keywords = text.split(',').map(split_keyword);
        let (name, value) = match keywords.next() {
            None | Some(("", None)) => return Err(Error::EmptyLayout),
            Some(keyword) => keyword,
        };
        let kind = LayoutKind::read(name, value)?;
        let options = keywords
            .map(|(keyword, value)| (keyword, OptionValue::of_text(value.unwrap_or_default())));
        Self::with_options(kind, options, text)
    }
}

impl fmt::Display for NodeLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind())?;
        self.shown_options().try_for_each(|(keyword, value)| write!(f, ",{keyword}={value}"))
    }
}

impl Serialize for NodeLayout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn split_keyword(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (text.trim(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<NodeLayout>().expect_err(text).to_string()
    }

    #[test]
    fn text_is_printed_back() {
        for text in [
            "per-core",
            "per-node",
            "per-numa",
            "per-gpu",
            "cpus-per-worker=4",
            "workers-per-node=8",
            "per-core,max-workers=3",
            "workers-per-node=65536,max-workers=1",
            "per-core,gpus=spread",
            "cpus-per-worker=2,max-workers=3,gpus=spread",
            "per-core,memory=0.9,threads=2,pin=core,pin-fallback=true",
            "per-node,memory=0.000001,pin=numa",
            "auto",
            "auto,memory=0.9,startup=eager",
            "per-core,pin=core,startup=progressive",
            "per-core,split=false",
            "auto,startup=eager,split=false",
            "per-node,memory=0.5,keep=90s",
            "auto,split=false,keep=10min",
            "auto,one-copy=Model",
            "auto,keep=1h,one-copy=m.Model|f.<locals>.Other",
        ] {
            assert_eq!(text.parse::<NodeLayout>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn spaces_do_not_matter() {
        let node_layout: NodeLayout =
            " cpus-per-worker = 4 , max-workers= 2 ".parse().expect("valid");
        assert_eq!(node_layout.to_string(), "cpus-per-worker=4,max-workers=2");
    }

    #[test]
    fn defaults_are_not_printed() {
        assert_eq!(NodeLayout::default().to_string(), "per-core");
        let all = "per-core,gpus=first,memory=1.0,pin-fallback=false,startup=eager,split=true";
        assert_eq!(all.parse(), Ok(NodeLayout::default()));
        assert_eq!("auto,startup=progressive".parse(), Ok(NodeLayout::new(LayoutKind::Auto)));
        assert_eq!(
            "per-node,startup=progressive".parse(),
            Ok(NodeLayout::new(LayoutKind::PerNode))
        );
        assert_eq!("per-node,split=false".parse(), Ok(NodeLayout::new(LayoutKind::PerNode)));
        assert_eq!(
            "auto,keep=120min".parse::<NodeLayout>().expect("valid").to_string(),
            "auto,keep=2h"
        );
        assert_eq!("per-gpu,gpus=spread".parse(), Ok(NodeLayout::new(LayoutKind::PerGpu)));
        assert_eq!(
            NodeLayout::default().with_kind(LayoutKind::PerGpu),
            NodeLayout::new(LayoutKind::PerGpu)
        );
        let named: NodeLayout = "auto,startup=eager,one-copy=Model".parse().expect("valid");
        assert_eq!(named.with_kind(LayoutKind::PerCore), NodeLayout::default());
    }

    #[test]
    fn errors_name_the_value_and_the_remedy() {
        assert_eq!(
            error("percore"),
            "unknown layout 'percore'; write one of 'per-core', 'per-node', 'per-numa', 'per-gpu', \
             'cpus-per-worker=K', 'workers-per-node=N', 'auto'"
        );
        assert_eq!(
            error("cpus-per-worker=0"),
            "'cpus-per-worker' must be a whole number from 1 to 65536, not '0'; write for example 'cpus-per-worker=4'"
        );
        assert_eq!(
            error("per-core=2"),
            "the layout 'per-core' takes no value, but '2' was given; write 'per-core'"
        );
        assert!(
            error("per-core,color=red").starts_with(
                "unknown layout option 'color' in 'per-core,color=red'; the options are"
            )
        );
        assert!(error("per-core,max-workers=1,max-workers=2").contains("given twice"));
        assert_eq!(
            error("per-core,gpus=all"),
            "'gpus' must be 'first' or 'spread', not 'all'; write for example 'gpus=spread'"
        );
        assert!(error("per-gpu,gpus=first").contains("leave 'gpus=first' out"));
        assert!(error("per-core,memory=1.5").contains("not '1.5'"));
        assert!(error("per-core,pin=socket").contains("'core' or 'numa', not 'socket'"));
        for (name, bad) in
            [("pin-fallback", "per-core,pin=core,pin-fallback=yes"), ("split", "auto,split=yes")]
        {
            assert!(error(bad).contains(&format!("'{name}' must be 'true' or 'false', not 'yes'")));
        }
        assert!(error("per-core,pin-fallback=true").contains("without 'pin'"));
        assert!(error("auto,startup=lazy").contains("'eager' or 'progressive', not 'lazy'"));
        assert!(
            error("auto,keep=10")
                .contains("from '1s' to '24h', not '10'; write for example 'keep=30s'")
        );
        assert!(error("auto,one-copy=").contains("the names of classes with '|' between, not ''"));
        assert_eq!(
            error("per-core,one-copy=Model"),
            "'one-copy' is an option of 'auto' alone; write for example 'auto,one-copy=Model'"
        );
        assert!(error("").starts_with("the layout is empty"));
        assert!(error("per-core,").contains("unknown layout option ''"));
        for bad in [
            "workers-per-node",
            "workers-per-node=",
            "workers-per-node=-1",
            "workers-per-node=1.5",
            "workers-per-node=65537",
            "workers-per-node=99999999999999999999",
            "per-core,max-workers",
            "per-core,threads=0",
        ] {
            assert!(error(bad).contains("must be a whole number from 1 to 65536"), "{bad}");
        }
    }
}
