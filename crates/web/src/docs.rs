//! The description of the interface, made from the table of routes: for programs as OpenAPI, for people
//! as a plain page that needs no script and no network.

use std::collections::BTreeMap;

use axum::{
    http::{Method, header},
    response::{Html, IntoResponse},
};
use utoipa::openapi::{
    ComponentsBuilder, Content, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder,
    Ref, RefOr, Required, ResponseBuilder, Schema,
    path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem},
    request_body::RequestBodyBuilder,
    schema::{ObjectBuilder, Type},
    security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
};

use crate::{
    caller::{COOKIE, CSRF_HEADER},
    error::ErrorBody,
    routes::{Gives, Needs, Route, Shape, routes},
};

/// `GET /api/v1/openapi.json`
pub async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], described().to_json().unwrap_or_default())
}

/// The whole description.
pub fn described() -> OpenApi {
    let mut schemas = BTreeMap::new();
    let mut keep = |shape: &Shape| {
        schemas.insert((shape.name)().into_owned(), (shape.schema)());
        let mut others = Vec::new();
        (shape.others)(&mut others);
        schemas.extend(others);
    };
    let error = Shape::of::<ErrorBody<'static>>();
    keep(&error);
    let mut paths = PathsBuilder::new();
    for route in routes() {
        route.body.iter().for_each(&mut keep);
        if let Gives::Json(shape) = &route.gives {
            keep(shape);
        }
        let item = PathItem::new(http_method(&route.method), operation(route, &error));
        paths = paths.path(route.path, item);
    }
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
    let csrf = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(CSRF_HEADER)));
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("session", cookie)
        .security_scheme("csrf", csrf)
        .build();
    let about = "Giao Lộ: cases, counts, cameras and the audit log. Errors have one shape, in Vietnamese \
                 and English.";
    let info = InfoBuilder::new().title("giaolo").version(crate::VERSION).description(Some(about));
    OpenApiBuilder::new().info(info.build()).paths(paths).components(Some(components)).build()
}

fn operation(route: &Route, error: &Shape) -> Operation {
    let about = format!("{}. For: {}.", route.about, who(route.needs));
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id(route)))
        .summary(Some(route.about))
        .description(Some(about));
    for name in variables(route.path) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(text));
        operation = operation.parameter(parameter);
    }
    for parameter in route.query.iter().flat_map(|query| query()) {
        operation = operation.parameter(parameter);
    }
    if let Some(body) = &route.body {
        let content = Content::new(Some(reference(body)));
        let body = RequestBodyBuilder::new()
            .content("application/json", content)
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let done = match &route.gives {
        Gives::Nothing => ("204", ResponseBuilder::new().description("done")),
        Gives::Json(shape) => {
            let content = Content::new(Some(reference(shape)));
            ("200", ResponseBuilder::new().description("done").content("application/json", content))
        }
        Gives::Bytes(types) => {
            let response = ResponseBuilder::new().description("done");
            let add = |response: ResponseBuilder, media_type: &&str| {
                response.content(*media_type, Content::new(None::<RefOr<Schema>>))
            };
            ("200", types.iter().fold(response, add))
        }
    };
    operation = operation.response(done.0, done.1);
    for (status, what) in [("4XX", "not done, and why"), ("503", "the database is away")] {
        let content = Content::new(Some(reference(error)));
        let response = ResponseBuilder::new().description(what);
        operation = operation.response(status, response.content("application/json", content));
    }
    if route.needs != Needs::Nobody {
        let mut required = SecurityRequirement::new("session", Vec::<String>::new());
        if route.method != Method::GET {
            required = required.add("csrf", Vec::<String>::new());
        }
        operation = operation.security(required);
    }
    operation.build()
}

fn reference(shape: &Shape) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name((shape.name)()))
}

fn http_method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation_id(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1").replace(['{', '}'], "");
    let path = path.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("{}{path}", route.method.as_str().to_lowercase())
}

fn variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn who(needs: Needs) -> String {
    match needs {
        Needs::Nobody => "anybody".to_owned(),
        Needs::SignedIn => "whoever is signed in".to_owned(),
        Needs::AnyRole => "any role".to_owned(),
        Needs::Roles(roles) => {
            let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
            names.join(", ")
        }
    }
}

/// `GET /api/docs`
pub async fn page() -> Html<String> {
    let mut rows = String::new();
    for route in routes() {
        let query: Vec<String> =
            route.query.iter().flat_map(|query| query()).map(|parameter| parameter.name).collect();
        let body = route.body.map(|shape| (shape.name)());
        let gives = match &route.gives {
            Gives::Nothing => "204".to_owned(),
            Gives::Json(shape) => (shape.name)().into_owned(),
            Gives::Bytes(types) => types.join(", "),
        };
        rows.push_str(&format!(
            "<tr><td><code>{} {}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            route.method,
            route.path,
            route.about,
            who(route.needs),
            query.join(", "),
            body.unwrap_or_default(),
            gives,
        ));
    }
    let schemas = described().components.map(|components| components.schemas).unwrap_or_default();
    let mut shapes = String::new();
    for (name, schema) in schemas {
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        shapes.push_str(&format!(
            "<details><summary><code>{name}</code></summary><pre>{}</pre></details>",
            plain(&text)
        ));
    }
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Giao Lộ API</title><style>\
         body{{font:15px/1.5 sans-serif;margin:2em;max-width:90em}}td,th{{text-align:left;\
         vertical-align:top;padding:.3em .8em .3em 0;border-bottom:1px solid #ccc}}\
         pre{{background:#f4f4f4;padding:1em;overflow:auto}}</style><h1>Giao Lộ {}</h1>\
         <p><a href=\"/api/v1/openapi.json\">openapi.json</a>. Sign in for the cookie \
         <code>{COOKIE}</code>; everything but GET needs the header <code>{CSRF_HEADER}</code>.</p>\
         <table><tr><th>route</th><th>for</th><th>who</th><th>query</th><th>body</th><th>gives</th></tr>\
         {rows}</table><h2>Shapes</h2>{shapes}</html>",
        crate::VERSION
    ))
}

fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
