//! How a server is started, where options are not enough.

/// How to start a server: what a test needs besides a database.
#[derive(Clone, Default)]
pub struct Launch {
    /// Options of `dotcast serve`.
    pub arguments: Vec<String>,
    /// Its environment variables.
    pub environment: Vec<(String, String)>,
    /// A command that ends by executing its arguments, such as `setpriv`.
    pub wrapper: Vec<String>,
}

impl Launch {
    /// With these options.
    pub fn with(arguments: &[&str]) -> Self {
        Self {
            arguments: strings(arguments),
            ..Self::default()
        }
    }

    /// With these variables as well.
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(variables);
        self
    }

    /// Started by this command.
    pub fn by(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = strings(wrapper);
        self
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&it| it.to_owned()).collect()
}
