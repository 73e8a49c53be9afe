//! Files of a multipart form, one after the other, into memory under limits.

use std::time::Duration;

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use tokio::time::timeout;

use crate::answer::Refusal;
use crate::limits::Limits;

/// One file of a form.
#[derive(Debug)]
pub(crate) struct Upload {
    /// As the client calls it; empty if it does not.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The files of one field of a form.
#[derive(Debug)]
pub(crate) struct Uploads<'a> {
    form: Multipart,
    field: &'static str,
    limits: &'a Limits,
    /// Bytes of other fields.
    passed_over: usize,
}

impl<'a> Uploads<'a> {
    pub(crate) fn new(form: Multipart, field: &'static str, limits: &'a Limits) -> Self {
        Self { form, field, limits, passed_over: 0 }
    }

    /// The next file; `None` at the end of the form. Other fields are passed over, as long as they
    /// have no more bytes than a file may have.
    ///
    /// # Errors
    /// If the form is none, a file is too large, or the client is silent for too long.
    pub(crate) async fn next(&mut self) -> Result<Option<Upload>, Refusal> {
        let Limits { silence, upload_bytes, .. } = *self.limits;
        while let Some(mut field) = within(silence, self.form.next_field()).await? {
            if field.name() != Some(self.field) {
                while let Some(chunk) = within(silence, field.chunk()).await? {
                    self.passed_over += chunk.len();
                    if self.passed_over > upload_bytes {
                        return Err(Refusal::UploadTooLarge { max_bytes: upload_bytes });
                    }
                }
                continue;
            }
            let name = field.file_name().unwrap_or_default().to_owned();
            let bytes = read(&mut field, upload_bytes, silence).await?;
            return Ok(Some(Upload { name, bytes }));
        }
        Ok(None)
    }
}

/// Grows with what has come, never with what was announced.
async fn read(field: &mut Field<'_>, most: usize, silence: Duration) -> Result<Vec<u8>, Refusal> {
    let mut bytes = vec![];
    while let Some(chunk) = within(silence, field.chunk()).await? {
        if chunk.len() > most - bytes.len() {
            return Err(Refusal::UploadTooLarge { max_bytes: most });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn within<T>(
    silence: Duration,
    step: impl Future<Output = Result<T, MultipartError>>,
) -> Result<T, Refusal> {
    match timeout(silence, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Refusal::NoForm { detail: "a part of it is too large".into() })
        }
        Ok(Err(error)) => Err(Refusal::NoForm { detail: error.body_text() }),
        Err(_) => Err(Refusal::TooSlow { seconds: silence.as_secs() }),
    }
}
