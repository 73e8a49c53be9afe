//! Who may ask: an optional token, and which other sites' pages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;
use tower_http::cors::CorsLayer;

use crate::answer::Refusal;

/// Answers 401 unless the request bears the token. The comparison takes the same time for every
/// token of the right length.
pub(crate) async fn check_token(
    State(token): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let borne = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().split_at_checked(7))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"Bearer "))
        .is_some_and(|(_, borne)| borne.ct_eq(token.as_bytes()).into());
    if borne { next.run(request).await } else { Refusal::Unauthorised.into_response() }
}

/// Lets pages of these sites ask, and no others.
pub(crate) fn cross_origin(sites: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(sites.to_vec())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
}
