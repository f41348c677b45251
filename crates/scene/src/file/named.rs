//! Names that a scene gives to what is drawn on it, and references to them.

use super::problems::{Problems, meant};
use super::reader::{Node, Section};

/// Things of one kind under their names, in the file's order; without the thing where it has
/// mistakes.
pub(super) struct Named<T> {
    what: &'static str,
    pub(super) entries: Vec<(String, Option<T>)>,
}

impl<T> Named<T> {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, entries: Vec::new() }
    }

    /// The `id` of a table, which no earlier one may have.
    pub(super) fn name_of<'a>(
        &self,
        section: &Section<'a>,
        problems: &mut Problems,
    ) -> Option<&'a str> {
        let remedy = format!("give the {} a name of its own, `id = \"…\"`", self.what);
        let node = section.require("id", &remedy, problems)?;
        let name = node.name(problems)?;
        if self.find(name).is_some() {
            node.problem(
                format!(
                    "\"{name}\" is the name of an earlier {0} already; every {0} has a name of its own",
                    self.what
                ),
                problems,
            );
            return None;
        }
        Some(name)
    }

    pub(super) fn add(&mut self, name: Option<&str>, built: Option<T>) {
        if let Some(name) = name {
            self.entries.push((name.to_owned(), built));
        }
    }

    /// The thing of that name: `None` where nothing has it, `Some(None)` where the thing has
    /// mistakes.
    fn find(&self, name: &str) -> Option<Option<&T>> {
        let entry = self.entries.iter().find(|(known, _)| known == name)?;
        Some(entry.1.as_ref())
    }

    /// The thing of that name, where it has no mistakes.
    pub(super) fn whole(&self, name: &str) -> Option<&T> {
        self.find(name).flatten()
    }

    /// A reference to a thing by its name, and the thing where it has no mistakes.
    pub(super) fn refer<'a>(
        &self,
        node: &Node<'a>,
        problems: &mut Problems,
    ) -> Option<(&'a str, Option<&T>)> {
        let name = node.text(problems)?;
        if let Some(thing) = self.find(name) {
            return Some((name, thing));
        }
        let names: Vec<&str> = self.entries.iter().map(|(name, _)| name.as_str()).collect();
        let known = match names.len() {
            0 => format!("the scene has no {}", self.what),
            1..=12 => format!("there are {}", names.join(", ")),
            count => format!("there are {count} others"),
        };
        node.wrong(
            &format!("the name of a {}; {known}{}", self.what, meant(name, &names)),
            problems,
        );
        None
    }

    /// All of them; only to be taken where nothing had mistakes.
    pub(super) fn into_built(self) -> Vec<T> {
        self.entries.into_iter().filter_map(|(_, t)| t).collect()
    }
}
