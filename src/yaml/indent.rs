//! By how many columns the block collections of a document are indented.

/// By how many columns block collections stand deeper than the mapping whose values they are, as far as
/// that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indent {
    /// Sequences. They may stand where their keys do.
    pub sequence: Columns,
    /// Mappings.
    pub mapping: Columns,
}

impl Indent {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        sequence: Columns::UNKNOWN,
        mapping: Columns::UNKNOWN,
    };

    /// What is known of this one, or else of the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            sequence: self.sequence.or(other.sequence),
            mapping: self.mapping.or(other.mapping),
        }
    }

    /// Whether both are known.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.sequence.is_known() && self.mapping.is_known()
    }
}

/// A number of columns, or that it is not known. Smaller than an option: it is handed around for each node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns(u32);

impl Columns {
    /// The number is not known.
    pub const UNKNOWN: Self = Self(u32::MAX);

    /// So many.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        Self(u32::try_from(columns).unwrap_or(u32::MAX))
    }

    /// Whether the number is known.
    #[must_use]
    pub fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }

    /// The number, or another one where it is not known.
    #[must_use]
    pub fn unwrap_or(self, otherwise: usize) -> usize {
        if self.is_known() {
            self.0 as usize
        } else {
            otherwise
        }
    }

    fn or(self, other: Self) -> Self {
        if self.is_known() { self } else { other }
    }
}

/// Whether all collections of a document are indented alike, as they come.
#[derive(Debug)]
pub(super) struct CommonIndent {
    indent: Indent,
    differ: bool,
}

impl CommonIndent {
    /// Of a document of which nothing has been read.
    pub(super) fn new() -> Self {
        Self {
            indent: Indent::UNKNOWN,
            differ: false,
        }
    }

    /// Takes in a value of a mapping that stands so many columns deeper.
    #[inline]
    pub(super) fn add(&mut self, is_mapping: bool, columns: usize) {
        let known = if is_mapping {
            &mut self.indent.mapping
        } else {
            &mut self.indent.sequence
        };
        let columns = Columns::new(columns);
        if *known != columns {
            self.differ |= known.is_known();
            *known = columns;
        }
    }

    /// Takes in what is not looked at.
    pub(super) fn add_unknown(&mut self) {
        self.differ = true;
    }

    /// What all of them say, unless they differ.
    pub(super) fn finish(&self) -> Option<Indent> {
        (!self.differ).then_some(self.indent)
    }
}
