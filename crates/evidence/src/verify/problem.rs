//! What can be wrong with evidence, in words that an officer and a program can use.

use std::fmt;

use serde::Serialize;

/// A kind of problem (or note). The serialised names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemCode {
    /// A file is not the one that was sealed.
    Changed,
    /// Something that must be there is not.
    Missing,
    /// Something is there that nothing names.
    Added,
    /// The folder's name is not that of its manifest.
    Renamed,
    /// Folders stand in another order than their manifests.
    Reordered,
    /// Numbers of the chain are missing.
    Gap,
    /// A number of the chain is there twice.
    DuplicateSequence,
    /// One violation is there twice.
    DuplicateId,
    /// A manifest does not point to the one before it.
    BrokenLink,
    /// The chain does not hold the last link that was expected.
    WrongHead,
    /// The signature does not hold.
    BadSignature,
    /// The signature file is none.
    MalformedSignature,
    /// The signer is not trusted.
    UntrustedKey,
    /// The signer changes within a chain and no key was named as trusted.
    KeyChanged,
    /// Not a manifest of a version that this program knows.
    UnknownFormat,
    /// The manifest cannot be read, or is not written in the one right way.
    MalformedManifest,
    /// A name that leads out of the folder, a link, a device.
    UnsafePath,
    /// A name that a zip has twice.
    DuplicateEntry,
    /// More than evidence can be: too many files, too many bytes, a zip bomb.
    TooLarge,
    /// A zip that is cut off, contradicts itself or cannot be unpacked.
    DamagedZip,
    /// A picture does not have the size that it must have.
    WrongStillSize,
    /// The bytes cannot be read.
    Unreadable,
    /// Note: the signer was not compared with a trusted key.
    KeyNotCompared,
    /// Note: the end of the chain was not compared with an expected link.
    HeadNotCompared,
    /// Note: an unfinished draft lies beside the sealed folders.
    DraftLeft,
    /// Note: there is no evidence here.
    NothingHere,
}

impl ProblemCode {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        self.words().0
    }

    /// The sentence in Vietnamese.
    pub const fn vietnamese(self) -> &'static str {
        self.words().1
    }

    /// The sentence in English.
    pub const fn english(self) -> &'static str {
        self.words().2
    }

    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Changed => (
                "changed",
                "Tệp đã bị thay đổi sau khi niêm phong",
                "The file was changed after it was sealed",
            ),
            Self::Missing => {
                ("missing", "Thiếu tệp bắt buộc phải có", "A file that must be there is missing")
            }
            Self::Added => (
                "added",
                "Có thứ không nằm trong bản kê",
                "Something is there that no manifest names",
            ),
            Self::Renamed => (
                "renamed",
                "Tên thư mục không khớp với bản kê bên trong",
                "The folder's name is not the one in its manifest",
            ),
            Self::Reordered => (
                "reordered",
                "Các thư mục không đúng thứ tự của chuỗi",
                "The folders do not stand in the order of the chain",
            ),
            Self::Gap => ("gap", "Chuỗi bị thiếu thư mục", "Folders are missing from the chain"),
            Self::DuplicateSequence => (
                "duplicate_sequence",
                "Có hai thư mục cùng một số thứ tự",
                "Two folders have the same number",
            ),
            Self::DuplicateId => {
                ("duplicate_id", "Một vi phạm có hai thư mục", "One violation has two folders")
            }
            Self::BrokenLink => (
                "broken_link",
                "Bản kê không nối với bản kê đứng trước: một trong hai đã bị thay hoặc thuộc chuỗi khác",
                "The manifest does not point to the one before it: one of them was replaced or is of another chain",
            ),
            Self::WrongHead => (
                "wrong_head",
                "Mắt xích cuối của chuỗi không phải mắt xích đã ghi nhận: có thể thư mục mới nhất đã bị xóa hoặc bị thay",
                "The chain does not end with the link that was noted down: the newest folders may have been removed or replaced",
            ),
            Self::BadSignature => (
                "bad_signature",
                "Chữ ký số không đúng với bản kê",
                "The signature does not hold for the manifest",
            ),
            Self::MalformedSignature => (
                "malformed_signature",
                "Tệp chữ ký hoặc khóa công khai không đọc được",
                "The signature file or the public key cannot be read",
            ),
            Self::UntrustedKey => (
                "untrusted_key",
                "Người ký không nằm trong các khóa được tin cậy",
                "The signer is none of the trusted keys",
            ),
            Self::KeyChanged => (
                "key_changed",
                "Khóa ký thay đổi giữa chuỗi mà không có khóa nào được khai là tin cậy",
                "The signing key changes within the chain, and no key was named as trusted",
            ),
            Self::UnknownFormat => (
                "unknown_format",
                "Định dạng hoặc phiên bản bản kê không được hỗ trợ",
                "The manifest has a format or version that this program does not know",
            ),
            Self::MalformedManifest => {
                ("malformed_manifest", "Bản kê sai cấu trúc", "The manifest is malformed")
            }
            Self::UnsafePath => (
                "unsafe_path",
                "Tên tệp không an toàn, hoặc không phải tệp thường (liên kết, thiết bị)",
                "An unsafe name, or no regular file (a link, a device)",
            ),
            Self::DuplicateEntry => {
                ("duplicate_entry", "Tệp zip chứa hai mục trùng tên", "The zip has a name twice")
            }
            Self::TooLarge => (
                "too_large",
                "Vượt quá giới hạn kích thước hoặc số lượng, có thể là bom nén",
                "Over the limits of size or count, possibly a zip bomb",
            ),
            Self::DamagedZip => (
                "damaged_zip",
                "Tệp zip bị cắt cụt, hỏng hoặc tự mâu thuẫn",
                "The zip is cut off, damaged or contradicts itself",
            ),
            Self::WrongStillSize => (
                "wrong_still_size",
                "Kích thước ảnh không đúng",
                "The picture does not have the right size",
            ),
            Self::Unreadable => {
                ("unreadable", "Không đọc được dữ liệu", "The bytes cannot be read")
            }
            Self::KeyNotCompared => (
                "key_not_compared",
                "Chưa đối chiếu người ký với khóa tin cậy nào",
                "The signer was not compared with any trusted key",
            ),
            Self::HeadNotCompared => (
                "head_not_compared",
                "Chưa đối chiếu mắt xích cuối: nếu các thư mục mới nhất bị xóa thì không thể phát hiện",
                "The last link was not compared: a removal of the newest folders would not show",
            ),
            Self::DraftLeft => {
                ("draft_left", "Còn một bản nháp chưa niêm phong", "An unsealed draft is left")
            }
            Self::NothingHere => {
                ("nothing_here", "Không có chứng cứ nào ở đây", "There is no evidence here")
            }
        }
    }
}

/// One thing that is wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind.
    pub code: ProblemCode,
    /// In which folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// In which file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The whole sentence in Vietnamese, with what is right and what was found.
    pub vi: String,
    /// The whole sentence in English, with what is right and what was found.
    pub en: String,
}

impl Problem {
    pub(super) fn new(code: ProblemCode) -> Self {
        Self {
            code,
            folder: None,
            file: None,
            vi: code.vietnamese().to_owned(),
            en: code.english().to_owned(),
        }
    }

    pub(super) fn folder(mut self, folder: &str) -> Self {
        if !folder.is_empty() {
            self.folder = Some(printable(folder));
        }
        self
    }

    pub(super) fn file(mut self, file: &str) -> Self {
        self.file = Some(printable(file));
        self
    }

    /// What would be right and what is there instead.
    pub(super) fn expected(self, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        let (expected, found) = (printable(&expected.to_string()), printable(&found.to_string()));
        self.detail(
            &format!("đúng ra: {expected}; thực tế: {found}"),
            &format!("expected: {expected}; found: {found}"),
        )
    }

    /// A detail that is the same in both languages (a system's or a parser's own words).
    pub(super) fn because(self, detail: impl fmt::Display) -> Self {
        let detail = printable(&detail.to_string());
        self.detail(&detail, &detail)
    }

    pub(super) fn detail(mut self, vi: &str, en: &str) -> Self {
        self.vi = format!("{} ({vi})", self.vi);
        self.en = format!("{} ({en})", self.en);
        self
    }

    /// Where: folder and file, as far as known.
    pub fn place(&self) -> String {
        match (&self.folder, &self.file) {
            (Some(folder), Some(file)) => format!("{folder}/{file}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        }
    }
}

/// Names come from whoever made the bytes: nothing in them may steer a terminal or fill it.
fn printable(text: &str) -> String {
    let mut short: String =
        text.chars().take(300).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if short.len() < text.len() && text.chars().count() > 300 {
        short.push('…');
    }
    short
}
