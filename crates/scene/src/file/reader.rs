//! Walks a TOML document with its positions: takes values out of tables as what they must be and
//! notes every one that is something else, so that reading goes on to the next mistake.

use toml::de::{DeTable, DeValue};

use super::problems::{Problems, clipped, meant, shown};

/// How long a name may be, in characters.
pub(super) const MAX_NAME: usize = 64;
/// How many lines, zones or rules a scene may have: names are looked up one by one, and nobody can
/// look after more on one picture.
pub(super) const MAX_TABLES: usize = 256;

/// A value with its key's path and its place in the text.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) key: String,
    pub(super) at: usize,
    value: &'a DeValue<'a>,
}

impl<'a> Node<'a> {
    /// Notes that this value is not what it should be.
    pub(super) fn wrong(&self, expected: &str, problems: &mut Problems) {
        self.problem(format!("{} is not {expected}", shown(self.value)), problems);
    }

    /// Notes something about this value.
    pub(super) fn problem(&self, message: String, problems: &mut Problems) {
        problems.add(self.at, &self.key, message);
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.is_str()
    }

    pub(super) fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong("a text; write it in quotes", problems);
        }
        text
    }

    /// A text, or a date written without quotes.
    pub(super) fn text_or_date(&self, problems: &mut Problems) -> Option<String> {
        match self.value {
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => self.text(problems).map(str::to_owned),
        }
    }

    /// A name: short, on one line, and fit to be part of a file's name.
    pub(super) fn name(&self, problems: &mut Problems) -> Option<&'a str> {
        let name = self.text(problems)?;
        let fits = (1..=MAX_NAME).contains(&name.chars().count())
            && name.trim() == name
            && !name.starts_with('.')
            && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'));
        if fits {
            return Some(name);
        }
        self.wrong(
            &format!(
                "a name: 1 to {MAX_NAME} characters, no `/`, `\\`, tab or line break, \
                 no dot in front, no blank at either end"
            ),
            problems,
        );
        None
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(
        &self,
        choices: &[(&'static str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let word = self.text(problems)?;
        let found = choices.iter().find(|(name, _)| *name == word);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.wrong(&format!("one of {}{}", names.join(", "), meant(word, &names)), problems);
        }
        found.map(|(_, value)| *value)
    }

    /// A finite number.
    pub(super) fn number(&self, problems: &mut Problems) -> Option<f64> {
        let number = match self.value {
            DeValue::Integer(_) => integer(self.value).map(|whole| whole as f64),
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            _ => {
                self.wrong("a number", problems);
                return None;
            }
        };
        let finite = number.filter(|number| number.is_finite());
        if finite.is_none() {
            self.wrong("a finite number", problems);
        }
        finite
    }

    /// A number from `low` to `high`.
    pub(super) fn number_within(
        &self,
        (low, high): (f64, f64),
        what: &str,
        problems: &mut Problems,
    ) -> Option<f64> {
        let number = self.number(problems)?;
        if (low..=high).contains(&number) {
            return Some(number);
        }
        self.wrong(&format!("{what} from {low} to {high}"), problems);
        None
    }

    /// A whole number from `low` to `high`.
    pub(super) fn whole(&self, (low, high): (u32, u32), problems: &mut Problems) -> Option<u32> {
        let whole = integer(self.value)
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (low..=high).contains(number));
        if whole.is_none() {
            self.wrong(&format!("a whole number from {low} to {high}"), problems);
        }
        whole
    }

    /// Two whole numbers, `[a, b]`.
    pub(super) fn whole_pair(
        &self,
        range: (u32, u32),
        problems: &mut Problems,
    ) -> Option<(u32, u32)> {
        let [a, b] = self.exactly("two whole numbers, `[a, b]`", problems)?;
        let (a, b) = (a.whole(range, problems), b.whole(range, problems));
        Some((a?, b?))
    }

    /// Two finite numbers, `[x, y]`.
    pub(super) fn number_pair(&self, problems: &mut Problems) -> Option<(f64, f64)> {
        let [x, y] = self.exactly("a point, `[x, y]`", problems)?;
        let (x, y) = (x.number(problems), y.number(problems));
        Some((x?, y?))
    }

    /// A list's entries.
    pub(super) fn items(&self, expected: &str, problems: &mut Problems) -> Option<Vec<Node<'a>>> {
        let Some(array) = self.value.as_array() else {
            self.wrong(expected, problems);
            return None;
        };
        let nodes = array.iter().enumerate().map(|(position, value)| Node {
            key: format!("{}[{}]", self.key, position + 1),
            at: value.span().start,
            value: value.get_ref(),
        });
        Some(nodes.collect())
    }

    /// The entries of a list that must have `N`.
    pub(super) fn exactly<const N: usize>(
        &self,
        expected: &str,
        problems: &mut Problems,
    ) -> Option<[Node<'a>; N]> {
        let items: Option<[Node<'a>; N]> = self.items(expected, problems)?.try_into().ok();
        if items.is_none() {
            self.wrong(expected, problems);
        }
        items
    }

    /// A table with none but these keys.
    pub(super) fn table(
        &self,
        keys: &'static [&'static str],
        problems: &mut Problems,
    ) -> Option<Section<'a>> {
        let Some(table) = self.value.as_table() else {
            let form = if self.value.is_array() && !self.key.contains(['.', '[']) {
                format!("one table; write `[{}]` once, in single brackets", self.key)
            } else {
                format!("a table with {}", keys.join(", "))
            };
            self.wrong(&form, problems);
            return None;
        };
        let section = Section { key: self.key.clone(), at: self.at, table };
        section.refuse_other_keys(keys, problems);
        Some(section)
    }
}

/// A table, its key's path and its place in the text.
pub(super) struct Section<'a> {
    pub(super) key: String,
    pub(super) at: usize,
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// The whole document.
    pub(super) fn of_document(
        table: &'a DeTable<'a>,
        keys: &'static [&'static str],
        problems: &mut Problems,
    ) -> Self {
        let section = Self { key: String::new(), at: 0, table };
        section.refuse_other_keys(keys, problems);
        section
    }

    fn refuse_other_keys(&self, keys: &[&str], problems: &mut Problems) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if keys.contains(&name) {
                continue;
            }
            let known = keys.join(", ");
            problems.add(
                key.span().start,
                &self.path(&clipped(name)),
                format!("there is no such key; known here are {known}{}", meant(name, keys)),
            );
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    fn path(&self, key: &str) -> String {
        if self.key.is_empty() { key.to_owned() } else { format!("{}.{key}", self.key) }
    }

    /// The value of a key, where there is one.
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.table.get(key).map(|value| Node {
            key: self.path(key),
            at: value.span().start,
            value: value.get_ref(),
        })
    }

    /// The value of a key that must be there; `remedy` says what to write.
    pub(super) fn require(
        &self,
        key: &str,
        remedy: &str,
        problems: &mut Problems,
    ) -> Option<Node<'a>> {
        let node = self.get(key);
        if node.is_none() {
            problems.add(self.at, &self.path(key), format!("missing; {remedy}"));
        }
        node
    }

    /// The tables of `[[key]]`, with none but these keys.
    pub(super) fn tables(
        &self,
        key: &str,
        keys: &'static [&'static str],
        problems: &mut Problems,
    ) -> Vec<Section<'a>> {
        let Some(node) = self.get(key) else {
            return Vec::new();
        };
        let expected = format!(
            "a list of tables; write `[[{key}]]` in double brackets above each, there may be several"
        );
        let items = node.items(&expected, problems).unwrap_or_default();
        if items.len() > MAX_TABLES {
            node.wrong(&format!("a list of at most {MAX_TABLES} tables"), problems);
            return Vec::new();
        }
        items.iter().filter_map(|item| item.table(keys, problems)).collect()
    }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
