//! Invents plates: legal by the grammar of Circular 79/2024/TT-BCA, with numbers that are plain
//! patterns (`123.21`, `445.66`, `345.67`), so that nobody takes them for a person's.

use giaolo_domain::PlateColour;

use crate::{Chance, Form, Plate};

/// What a plate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Private car, five digits.
    Car,
    /// Car with four digits on the older forms, still legal.
    CarFourDigits,
    /// Car of commercial transport: yellow.
    CommercialCar,
    /// Car of the State: blue.
    StateCar,
    /// Car of a special series such as `LD`.
    SpecialCar,
    /// Trailer or semi-trailer, `RM`.
    Trailer,
    /// Motorbike, two letters, since 2025.
    Motorbike,
    /// Motorbike, a letter and a digit, with five digits.
    MotorbikeBefore2025,
    /// The same with four digits.
    MotorbikeFourDigits,
    /// Motorbike of the State: blue.
    StateMotorbike,
    /// Car of a foreign mission, an international organisation or their staff.
    ForeignCar,
    /// Their motorbike.
    ForeignMotorbike,
    /// Temporary registration.
    Temporary,
    /// Army car: red.
    ArmyCar,
    /// Army motorbike: red.
    ArmyMotorbike,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::Car,
        Self::CarFourDigits,
        Self::CommercialCar,
        Self::StateCar,
        Self::SpecialCar,
        Self::Trailer,
        Self::Motorbike,
        Self::MotorbikeBefore2025,
        Self::MotorbikeFourDigits,
        Self::StateMotorbike,
        Self::ForeignCar,
        Self::ForeignMotorbike,
        Self::Temporary,
        Self::ArmyCar,
        Self::ArmyMotorbike,
    ];

    /// The forms that it is made in.
    pub const fn forms(self) -> &'static [Form] {
        match self {
            Self::CarFourDigits => &[Form::OldCarShort, Form::OldCarLong],
            Self::Car
            | Self::CommercialCar
            | Self::StateCar
            | Self::SpecialCar
            | Self::ForeignCar
            | Self::ArmyCar => &[Form::CarShort, Form::CarLong],
            Self::Trailer | Self::Temporary => &[Form::CarShort],
            Self::Motorbike
            | Self::MotorbikeBefore2025
            | Self::MotorbikeFourDigits
            | Self::StateMotorbike
            | Self::ForeignMotorbike
            | Self::ArmyMotorbike => &[Form::Motorbike],
        }
    }

    /// The colour of its ground.
    pub const fn ground(self) -> PlateColour {
        match self {
            Self::CommercialCar => PlateColour::Yellow,
            Self::StateCar | Self::StateMotorbike => PlateColour::Blue,
            Self::ArmyCar | Self::ArmyMotorbike => PlateColour::Red,
            _ => PlateColour::White,
        }
    }
}

/// The 81 codes of provinces in use.
pub const CODES: [u8; 81] = {
    let unused = [13, 42, 44, 45, 46, 87, 91, 96];
    let mut codes = [0; 81];
    let (mut code, mut count) = (11, 0);
    while code <= 99 {
        let mut is_used = true;
        let mut at = 0;
        while at < unused.len() {
            is_used = is_used && unused[at] != code;
            at += 1;
        }
        if is_used {
            codes[count] = code;
            count += 1;
        }
        code += 1;
    }
    codes
};

const LETTERS: &str = "ABCDEFGHKLMNPSTUVXYZ";
/// The circular lists G in one place and R in the other.
const SECOND_LETTERS: &str = "ABCDEFGHKLMNPRSTUVXYZ";
const STATE_LETTERS: &str = "ABCDEFGHKLM";
const SPECIAL_SERIES: [&str; 8] = ["CD", "HC", "KT", "LD", "DA", "MK", "TĐ", "LB"];
const FOREIGN_SERIES: [&str; 4] = ["NG", "QT", "CV", "NN"];
/// Lowest codes of some countries and of international organisations.
const COUNTRIES: [u16; 10] = [11, 26, 166, 296, 346, 441, 446, 506, 546, 601];

/// Makes plates, the same ones for the same seed.
#[derive(Clone, Debug)]
pub struct PlateMaker {
    chance: Chance,
}

impl PlateMaker {
    /// Begins with a seed.
    pub const fn new(seed: u64) -> Self {
        Self { chance: Chance::new(seed) }
    }

    /// A plate of any kind.
    pub fn any(&mut self) -> Plate {
        let kind = Kind::ALL[self.chance.below(Kind::ALL.len())];
        self.of(kind)
    }

    /// A plate of a kind, in one of its forms.
    pub fn of(&mut self, kind: Kind) -> Plate {
        let forms = kind.forms();
        let form = forms[self.chance.below(forms.len())];
        self.in_form(kind, form)
    }

    /// A plate of a kind in a form; the kind's first form where it is not made in that one.
    pub fn in_form(&mut self, kind: Kind, form: Form) -> Plate {
        let forms = kind.forms();
        let form = if forms.contains(&form) { form } else { forms[0] };
        let (series, number) = self.text(kind);
        let one_line = format!("{series}-{number}");
        let lines: &[&str] = match form.geometry().lines {
            1 => &[&one_line],
            _ => &[&series, &number],
        };
        #[expect(clippy::expect_used, reason = "every kind fits its forms, as the tests hold")]
        Plate::new(form, kind.ground(), lines).expect("a kind fits its forms")
    }

    /// What stands on the upper and on the lower line.
    fn text(&mut self, kind: Kind) -> (String, String) {
        let code = CODES[self.chance.below(CODES.len())];
        match kind {
            Kind::Car | Kind::CommercialCar => {
                (format!("{code}{}", self.letter(LETTERS)), self.five_digits())
            }
            Kind::CarFourDigits => (format!("{code}{}", self.letter(LETTERS)), self.digits(4)),
            Kind::StateCar => (format!("{code}{}", self.letter(STATE_LETTERS)), self.five_digits()),
            Kind::SpecialCar => {
                let series = SPECIAL_SERIES[self.chance.below(SPECIAL_SERIES.len())];
                (format!("{code}{series}"), self.five_digits())
            }
            Kind::Trailer => (format!("{code}RM"), self.five_digits()),
            Kind::Motorbike => {
                let (first, second) = (self.letter(LETTERS), self.letter(SECOND_LETTERS));
                (format!("{code}-{first}{second}"), self.five_digits())
            }
            Kind::MotorbikeBefore2025 => (self.old_series(code, LETTERS), self.five_digits()),
            Kind::MotorbikeFourDigits => (self.old_series(code, LETTERS), self.digits(4)),
            Kind::StateMotorbike => (self.old_series(code, STATE_LETTERS), self.five_digits()),
            Kind::ForeignCar => (self.country(), self.foreign(2)),
            Kind::ForeignMotorbike => (self.country(), self.foreign(3)),
            Kind::Temporary => (format!("T{code}"), self.five_digits()),
            Kind::ArmyCar => (self.army(), format!("{}-{}", self.digits(2), self.digits(2))),
            Kind::ArmyMotorbike => (self.army(), self.digits(3)),
        }
    }

    fn letter(&mut self, of: &str) -> char {
        // All of these sets are ASCII and not empty.
        char::from(of.as_bytes()[self.chance.below(of.len())])
    }

    fn old_series(&mut self, code: u8, letters: &str) -> String {
        format!("{code}-{}{}", self.letter(letters), 1 + self.chance.below(9))
    }

    fn country(&mut self) -> String {
        format!("80-{:03}", COUNTRIES[self.chance.below(COUNTRIES.len())])
    }

    fn foreign(&mut self, digits: usize) -> String {
        let series = FOREIGN_SERIES[self.chance.below(FOREIGN_SERIES.len())];
        format!("{series}-{}", self.digits(digits))
    }

    fn army(&mut self) -> String {
        format!("{}{}", self.letter(LETTERS), self.letter(LETTERS))
    }

    fn five_digits(&mut self) -> String {
        let mut digits = self.digits(5);
        digits.insert(3, '.');
        digits
    }

    /// A run, a mirrored number, or pairs; never all zeros.
    fn digits(&mut self, count: usize) -> String {
        let first = self.chance.below(10);
        let step = 1 + self.chance.below(9);
        let (step, digit): (usize, fn(usize, usize) -> usize) = match self.chance.below(3) {
            // Up or down by one.
            0 => (if step < 5 { 1 } else { 9 }, |at, _| at),
            1 => (step, |at, count| at.min(count - 1 - at)),
            _ => (step, |at, _| at / 2),
        };
        let digits: String = (0..count)
            .map(|at| char::from(b'0' + ((first + step * digit(at, count)) % 10) as u8))
            .collect();
        // Numbering begins at 1.
        if digits.bytes().all(|digit| digit == b'0') { "1".repeat(count) } else { digits }
    }
}
