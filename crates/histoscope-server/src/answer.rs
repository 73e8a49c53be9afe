//! Answers that are no report: which status each problem has, and the body that says it.
//!
//! The body is the core's failure report with `detail` beside it, where clients of the Python server
//! look for the sentence.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use histoscope::Error;
use histoscope::error::Fault;
use histoscope::report::{Failure, FailureReport};
use serde::Serialize;

/// Why a request has no report.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Core(#[from] Error),
    #[error("the request holds no file in the field \"{field}\"")]
    NoFile { field: &'static str },
    #[error("the request is no multipart form: {detail}")]
    NoForm { detail: String },
    #[error("the file has more than {max_bytes} bytes")]
    UploadTooLarge { max_bytes: usize },
    #[error("the folder has more than {most} files")]
    TooManyFiles { most: usize },
    #[error("nothing came from the client for {seconds} s")]
    TooSlow { seconds: u64 },
    #[error("as many images are being worked on as this server takes on")]
    Busy,
    #[error("the model is not loaded yet")]
    NotLoaded,
    #[error("the request needs this server's token")]
    Unauthorised,
    #[error("there is nothing at this address")]
    NoSuchPage,
    #[error("this address does not take that method")]
    NoSuchMethod,
}

impl Refusal {
    /// A stable code, as [`Error::code`].
    fn code(&self) -> &'static str {
        match self {
            Self::Core(error) => error.code(),
            Self::NoFile { .. } => "no_file",
            Self::NoForm { .. } => "no_form",
            Self::UploadTooLarge { .. } => "upload_too_large",
            Self::TooManyFiles { .. } => "too_many_files",
            Self::TooSlow { .. } => "too_slow",
            Self::Busy => "busy",
            Self::NotLoaded => "model_not_loaded",
            Self::Unauthorised => "unauthorised",
            Self::NoSuchPage => "not_found",
            Self::NoSuchMethod => "method_not_allowed",
        }
    }

    fn remedy(&self) -> &'static str {
        match self {
            Self::Core(error) => error.remedy(),
            Self::NoFile { .. } => {
                "Send the image as a file of that field (curl -F field=@image.png)."
            }
            Self::NoForm { .. } => "Send multipart/form-data, as curl -F and every HTTP client do.",
            Self::UploadTooLarge { .. } => {
                "Crop the field of interest, or start the server with a greater limit."
            }
            Self::TooManyFiles { .. } => "Send the folder in parts, or use the command line.",
            Self::TooSlow { .. } => "Send the request again over a better connection.",
            Self::Busy => "Send it again a little later; the header Retry-After says when.",
            Self::NotLoaded => "Send it again in a moment.",
            Self::Unauthorised => "Send the header Authorization: Bearer TOKEN.",
            Self::NoSuchPage | Self::NoSuchMethod => "GET /api lists what there is.",
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Core(error) => match error.fault() {
                Fault::Image | Fault::Options => StatusCode::BAD_REQUEST,
                Fault::Limits => StatusCode::PAYLOAD_TOO_LARGE,
                Fault::Model | Fault::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::NoFile { .. } | Self::NoForm { .. } => StatusCode::BAD_REQUEST,
            Self::UploadTooLarge { .. } | Self::TooManyFiles { .. } => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::NotLoaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unauthorised => StatusCode::UNAUTHORIZED,
            Self::NoSuchPage => StatusCode::NOT_FOUND,
            Self::NoSuchMethod => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn fault(&self) -> String {
        match self {
            Self::Core(error) => error.fault().to_string(),
            Self::UploadTooLarge { .. } | Self::TooManyFiles { .. } | Self::Busy => {
                Fault::Limits.to_string()
            }
            Self::NotLoaded => Fault::Model.to_string(),
            _ => "request".into(),
        }
    }
}

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code().into(),
            message: refusal.to_string(),
            remedy: refusal.remedy().into(),
            fault: refusal.fault(),
            cause: None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            detail: String,
            #[serde(flatten)]
            failure: FailureReport,
        }
        let detail = format!("{self}. {}", self.remedy());
        let body = Json(Body { detail, failure: FailureReport::new("", &self) });
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        match self {
            Self::Busy | Self::NotLoaded => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::Unauthorised => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // What is left of the body is not read: the connection cannot be used again.
            Self::UploadTooLarge { .. } | Self::TooManyFiles { .. } | Self::TooSlow { .. } => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}
