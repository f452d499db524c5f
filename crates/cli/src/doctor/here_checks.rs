use protoplast_planner::Quoted;

use crate::doctor::facts::{Here, Token};
use crate::doctor::finding::Finding;

/// The value of `RAY_AUTH_MODE` with which Ray sends a token.
const TOKEN_MODE: &str = "token";

impl Here {
    /// Checks this process.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let versions = [self.version(), self.seams(), self.token.finding(self.ray())];
        versions.into_iter().map(|finding| finding.of("here")).collect()
    }

    fn version(&self) -> Finding {
        let protoplast = self.installed.protoplast.as_deref().unwrap_or("?");
        Finding::ok(format!("protoplast {protoplast} on Python {}", self.installed.python))
    }

    fn seams(&self) -> Finding {
        if let Some(message) = &self.unsupported {
            return Finding::of_error(message);
        }
        let daft = self.installed.daft.as_deref().unwrap_or("?");
        let (ray, newest) = (self.ray(), &self.newest_tested);
        Finding::ok(format!(
            "Daft {daft} with Ray {ray} has all that protoplast relies on (tested up to Daft {newest})"
        ))
    }

    fn ray(&self) -> &str {
        self.installed.ray.as_deref().unwrap_or("?")
    }
}

impl Token {
    fn finding(&self, ray: &str) -> Finding {
        let wanted = self.mode.as_deref().is_some_and(|mode| mode.eq_ignore_ascii_case(TOKEN_MODE));
        match (&self.mode, wanted) {
            (_, true) if !self.is_known => Finding::problem(
                format!("RAY_AUTH_MODE is 'token', but Ray {ray} does not support tokens"),
                "install the cluster's version of Ray",
            ),
            // A Ray that does not tell may find a token all the same.
            (_, true) | (None, _) if self.is_known && self.is_there.is_none() => {
                Finding::unchecked(
                    format!(
                        "it is not known whether Ray {ray} finds a token, because this Ray does not tell"
                    ),
                    "check that RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH has the cluster's token, if it needs one",
                )
            }
            (_, true) if self.is_there == Some(false) => Finding::problem(
                "RAY_AUTH_MODE is 'token', but there is no token",
                "set RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH to the cluster's token",
            ),
            (_, true) => Finding::ok("Ray sends a token, as RAY_AUTH_MODE says"),
            (Some(mode), false) => Finding::ok(format!(
                "Ray sends no token, because RAY_AUTH_MODE is '{}'",
                Quoted(mode)
            )),
            (None, false) if self.is_known && self.is_there == Some(true) => {
                Finding::ok("Ray finds a token and may send it; RAY_AUTH_MODE is not set")
            }
            (None, false) => Finding::ok("Ray sends no token; RAY_AUTH_MODE is not set"),
        }
    }
}
