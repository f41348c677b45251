//! Shapes of other crates' words and of lists, as `openapi.json` describes them.

use giaolo_store::{Point, Role};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, Type},
    },
};

/// A [`Role`].
pub struct RoleShape;

impl PartialSchema for RoleShape {
    fn schema() -> RefOr<Schema> {
        let words = Role::ALL.into_iter().map(Role::as_str);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
    }
}

impl ToSchema for RoleShape {
    fn name() -> std::borrow::Cow<'static, str> {
        "Role".into()
    }
}

/// A place with cameras.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointShape {
    id: String,
    name: String,
    unit: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl PointShape {
    /// As the register has it.
    pub fn of(point: Point) -> Self {
        let (latitude, longitude) = point.position.unzip();
        Self { id: point.id, name: point.name, unit: point.unit, latitude, longitude }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T: ToSchema> {
    /// At most `limit` of them.
    pub items: Vec<T>,
    /// What to give as `after` for the next page; `null` for the last.
    pub next: Option<String>,
    /// All there are.
    pub total: u64,
}

impl<T: ToSchema> Listed<T> {
    /// A list that is whole on its one page.
    pub fn whole(items: Vec<T>) -> Self {
        let total = items.len() as u64;
        Self { items, next: None, total }
    }
}
