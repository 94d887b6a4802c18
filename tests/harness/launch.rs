//! How a server is started, where options are not enough.

/// How a server is started: what a test needs besides a database.
#[derive(Clone, Default)]
pub struct Launch {
    /// Options of `dotcast serve`.
    pub arguments: Vec<String>,
    /// Variables in its environment.
    pub environment: Vec<(String, String)>,
    /// A command that ends by executing the one that follows it, such as `setpriv`.
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

    /// With these variables, too.
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(variables);
        self
    }

    /// By this command.
    pub fn by(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = strings(wrapper);
        self
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&it| it.to_owned()).collect()
}
