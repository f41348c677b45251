//! Every route of the interface, once: who may use it, what it takes and gives, what it is for, and
//! its handler.
//!
//! The router, its checks, `openapi.json`, the page at `/api/docs` and the test that walks every route
//! with every role are all made from [`routes`]. A route that is not in this table does not exist.

mod people;
mod work;

use std::borrow::Cow;

use axum::{Router, http::Method, middleware, routing::MethodRouter};
use giaolo_store::Role;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{RefOr, Schema, path::Parameter, path::ParameterIn},
};

use crate::{app::App, caller, shapes::Listed};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Anybody, signed in or not.
    Nobody,
    /// Whoever is signed in, also an account without a role or with a password to change.
    SignedIn,
    /// An account with some role.
    AnyRole,
    /// An account with one of these roles.
    Roles(&'static [Role]),
}

/// A JSON value as `openapi.json` describes it.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The type's name.
    pub name: fn() -> Cow<'static, str>,
    /// Itself.
    pub schema: fn() -> RefOr<Schema>,
    /// The types within.
    pub others: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Shape {
    pub(crate) const fn of<T: ToSchema>() -> Self {
        Self { name: T::name, schema: T::schema, others: T::schemas }
    }
}

/// What a route answers when all is well.
#[derive(Clone, Copy)]
pub enum Gives {
    /// JSON.
    Json(Shape),
    /// Nothing (204).
    Nothing,
    /// Bytes of these media types.
    Bytes(&'static [&'static str]),
}

/// A route.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, `{…}` for what varies.
    pub path: &'static str,
    /// Who may use it.
    pub needs: Needs,
    /// What it is for, in one line.
    pub about: &'static str,
    /// What its query takes.
    pub query: Option<fn() -> Vec<Parameter>>,
    /// What its body is.
    pub body: Option<Shape>,
    /// What it gives.
    pub gives: Gives,
    /// Its handler.
    pub handler: fn() -> MethodRouter<App>,
}

impl Route {
    const fn new(
        method: Method,
        path: &'static str,
        needs: Needs,
        about: &'static str,
        gives: Gives,
        handler: fn() -> MethodRouter<App>,
    ) -> Self {
        Self { method, path, needs, about, query: None, body: None, gives, handler }
    }

    const fn query<T: IntoParams>(mut self) -> Self {
        self.query = Some(|| T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    const fn body<T: ToSchema>(mut self) -> Self {
        self.body = Some(Shape::of::<T>());
        self
    }
}

/// A page of a list: [`Listed`] of every kind of thing would else have one name.
const fn listed<T: ToSchema>() -> Gives {
    Gives::Json(Shape {
        name: || format!("{}List", T::name()).into(),
        schema: Listed::<T>::schema,
        others: |found| {
            found.push((T::name().into_owned(), T::schema()));
            T::schemas(found);
        },
    })
}

const fn json<T: ToSchema>() -> Gives {
    Gives::Json(Shape::of::<T>())
}

/// JSON whose keys `docs/design/web.md` gives.
const OBJECT: Gives = Gives::Bytes(&["application/json"]);
const PAGE: Gives = Gives::Bytes(&["text/html"]);

/// Every route there is.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    people::ROUTES.iter().chain(work::ROUTES)
}

/// The routes with their checks.
pub fn router(app: &App) -> Router<App> {
    routes().fold(Router::new(), |router, route| {
        let check = middleware::from_fn_with_state((app.clone(), route.needs), caller::check);
        router.route(route.path, (route.handler)().route_layer(check))
    })
}
