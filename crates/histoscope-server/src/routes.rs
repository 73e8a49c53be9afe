//! What there is at which address.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, MatchedPath, Multipart, RawQuery, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use histoscope::Error;
use histoscope::pipeline::Classifier;
use histoscope::report::{FailureReport, FolderReport, ImageOutcome, ImageReport};
use serde::Serialize;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::access::{check_token, cross_origin};
use crate::answer::Refusal;
use crate::docs;
use crate::lessons::Lessons;
use crate::limits::Limits;
use crate::metrics::{CONTENT_TYPE, End, Metrics};
use crate::parameters::Parameters;
use crate::pool::{Image, Pool};
use crate::upload::{Upload, Uploads};

/// What a person sets about a server, beside its [`Limits`].
#[derive(Debug, Default)]
pub struct Settings {
    /// The page as one HTML file, for `GET /`.
    pub page: Option<Cow<'static, [u8]>>,
    /// What requests that compute or count have to bear.
    pub token: Option<String>,
    /// Sites whose pages may ask, such as `https://example.org`.
    pub allow_origins: Vec<HeaderValue>,
}

/// A server's model, threads and counters.
#[derive(Debug)]
pub struct Service {
    engine: OnceLock<Engine>,
    limits: Limits,
    places: Arc<Semaphore>,
    metrics: Metrics,
}

#[derive(Debug)]
struct Engine {
    classifier: Arc<Classifier>,
    lessons: Lessons,
    pool: Pool,
}

impl Service {
    /// Without a model: everything that needs one is answered with 503.
    pub fn new(limits: Limits) -> Arc<Self> {
        let places = Arc::new(Semaphore::new(limits.images));
        Arc::new(Self { engine: OnceLock::new(), limits, places, metrics: Metrics::new() })
    }

    /// From now on answers with this model, and with lessons that it was taught. A second one is not
    /// taken.
    pub fn load(&self, classifier: Classifier, lessons: Lessons) {
        self.engine.get_or_init(|| {
            let classifier = Arc::new(classifier);
            let pool = Pool::start(&classifier, self.limits.workers, self.limits.open);
            Engine { classifier, lessons, pool }
        });
    }

    fn engine(&self) -> Result<&Engine, Refusal> {
        self.engine.get().ok_or(Refusal::NotLoaded)
    }

    /// A place for one image, if there is one.
    fn place(self: &Arc<Self>) -> Result<Place, Refusal> {
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Refusal::Busy)?;
        Ok(Place::new(self, permit))
    }

    /// A place for one image, as soon as there is one.
    async fn wait_for_place(self: &Arc<Self>) -> Place {
        let permit = Arc::clone(&self.places).acquire_owned().await;
        Place::new(self, permit.expect("the semaphore is never closed"))
    }

    async fn classify(&self, image: Image) -> Result<ImageReport, Refusal> {
        let start = Instant::now();
        let answer = self.engine()?.pool.submit(image).await;
        let outcome =
            answer.unwrap_or_else(|_| Err(Error::Internal { detail: "the pool is gone".into() }));
        let end = if outcome.is_ok() { End::Classified } else { End::Failed };
        self.metrics.image(end, start.elapsed());
        Ok(outcome?)
    }
}

/// One of the images that a server has taken on; leaves when dropped.
#[derive(Debug)]
struct Place {
    service: Arc<Service>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    fn new(service: &Arc<Service>, permit: OwnedSemaphorePermit) -> Self {
        service.metrics.taken.inc();
        Self { service: Arc::clone(service), _permit: permit }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.service.metrics.taken.dec();
    }
}

/// Everything there is.
///
/// | address | |
/// |---|---|
/// | `GET /` | the page, if the program holds it |
/// | `GET /health` | `{"status": "healthy", "model_loaded": true, "device": "cpu"}`, or 503 |
/// | `GET /api`, `/docs`, `/openapi.json` | what there is |
/// | `GET /metrics` | OpenMetrics text |
/// | `POST /predict/single` | form field `file`: an [`ImageReport`] |
/// | `POST /predict/folder` | form fields `files`: a [`FolderReport`] |
pub fn router(service: Arc<Service>, settings: Settings) -> Router {
    let Settings { page, token, allow_origins } = settings;
    let mut guarded = Router::new()
        .route("/predict/single", post(single))
        .route("/predict/folder", post(folder))
        .route("/metrics", get(metrics))
        // Files have a limit of their own, and are not read as a whole.
        .layer(DefaultBodyLimit::disable());
    if let Some(token) = token {
        let token: Arc<str> = token.into();
        guarded = guarded.route_layer(middleware::from_fn_with_state(token, check_token));
    }
    // Handed out again and again without a copy.
    let page = page.map(|page| match page {
        Cow::Borrowed(page) => Bytes::from_static(page),
        Cow::Owned(page) => Bytes::from(page),
    });
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .route("/", get(async move || front(page)))
        .route("/health", get(health))
        .route("/api", get(api))
        .route("/openapi.json", get(async || Json(docs::openapi())))
        .route("/docs", get(async || Html(docs::page())))
        .merge(guarded)
        .fallback(async || Refusal::NoSuchPage)
        .method_not_allowed_fallback(async || Refusal::NoSuchMethod)
        .route_layer(middleware::from_fn_with_state(Arc::clone(&service), count))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        // The page looks through a camera if a person wants it to; no other page may in its name.
        .layer(fixed(HeaderName::from_static("permissions-policy"), "camera=(self)"))
        .layer(cross_origin(&allow_origins))
        .with_state(service)
}

/// Counts a request by route and status and logs it, without what it holds.
async fn count(
    State(service): State<Arc<Service>>,
    route: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    service.metrics.request(route.as_str(), status);
    let ms = start.elapsed().as_secs_f64() * 1e3;
    tracing::info!(%method, route = route.as_str(), status, ms, "answered");
    response
}

fn front(page: Option<Bytes>) -> Response {
    match page {
        Some(page) => Html(page).into_response(),
        None => Html(docs::without_page()).into_response(),
    }
}

async fn health(State(service): State<Arc<Service>>) -> Response {
    let loaded = service.engine.get().is_some();
    let (status, word) = if loaded {
        (StatusCode::OK, "healthy")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting")
    };
    (status, Json(json!({ "status": word, "model_loaded": loaded, "device": "cpu" })))
        .into_response()
}

async fn api(State(service): State<Arc<Service>>) -> Response {
    let engine = service.engine.get();
    Json(json!({
        "name": "Histoscope",
        "version": env!("CARGO_PKG_VERSION"),
        "notice": docs::NOTICE,
        "endpoints": docs::endpoints(),
        "model": engine.map(|engine| engine.classifier.model()),
        "engine": engine.map(|engine| engine.classifier.engine_summary()),
        "lessons": engine.map(|engine| engine.lessons.names().collect::<Vec<_>>()),
        "limits": {
            "images_at_once": service.limits.images,
            "upload_bytes": service.limits.upload_bytes,
            "folder_files": service.limits.folder_files,
        },
    }))
    .into_response()
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    match service.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => Refusal::Core(Error::Internal { detail: error.to_string() }).into_response(),
    }
}

fn parameters(query: Option<&str>) -> Result<Parameters, Refusal> {
    Ok(Parameters::read(query.unwrap_or_default())?)
}

fn form(form: Result<Multipart, MultipartRejection>) -> Result<Multipart, Refusal> {
    form.map_err(|rejection| Refusal::NoForm { detail: rejection.body_text() })
}

async fn single(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    body: Result<Multipart, MultipartRejection>,
) -> Result<Json<ImageReport>, Refusal> {
    const FIELD: &str = "file";
    let parameters = parameters(query.as_deref())?;
    let options = parameters.options()?;
    let engine = service.engine()?;
    engine.classifier.check(&options)?;
    let lesson = engine.lessons.of(parameters.lesson())?;
    let _place = service.place()?;
    let mut uploads = Uploads::new(form(body)?, FIELD, &service.limits);
    let Upload { name, bytes } = uploads.next().await?.ok_or(Refusal::NoFile { field: FIELD })?;
    Ok(Json(service.classify(Image { name, bytes, options, lesson }).await?))
}

/// What is said of a folder.
#[derive(Serialize)]
struct FolderAnswer {
    /// Whether images voted that are unlike what the model, or the lesson, has learned.
    count_unfamiliar: bool,
    #[serde(flatten)]
    report: FolderReport,
}

async fn folder(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    body: Result<Multipart, MultipartRejection>,
) -> Result<Json<FolderAnswer>, Refusal> {
    const FIELD: &str = "files";
    let parameters = parameters(query.as_deref())?;
    let options = parameters.options()?;
    let engine = service.engine()?;
    let classifier = Arc::clone(&engine.classifier);
    classifier.check(&options)?;
    let lesson = engine.lessons.of(parameters.lesson())?;
    let mut place = Some(service.place()?);
    let mut uploads = Uploads::new(form(body)?, FIELD, &service.limits);
    let mut outcomes: Vec<Option<ImageOutcome>> = vec![];
    // Dropped, and with it what is under way, when the client goes.
    let mut tasks: JoinSet<(usize, ImageOutcome)> = JoinSet::new();
    loop {
        // The image is not read before there is a place for it, so that the client waits.
        let here = match place.take() {
            Some(place) => place,
            None => service.wait_for_place().await,
        };
        let Some(Upload { name, bytes }) = uploads.next().await? else { break };
        let index = outcomes.len();
        if index == service.limits.folder_files {
            return Err(Refusal::TooManyFiles { most: index });
        }
        outcomes.push(None);
        let (service, options) = (Arc::clone(&service), options.clone());
        let lesson = lesson.clone();
        tasks.spawn(async move {
            let image = Image { name: name.clone(), bytes, options, lesson };
            let outcome = match service.classify(image).await {
                Ok(report) => ImageOutcome::Success(Box::new(report)),
                Err(refusal) => ImageOutcome::Failure(FailureReport::new(name, &refusal)),
            };
            drop(here);
            (index, outcome)
        });
        while let Some(done) = tasks.try_join_next() {
            keep(&mut outcomes, done)?;
        }
    }
    if outcomes.is_empty() {
        return Err(Refusal::NoFile { field: FIELD });
    }
    while let Some(done) = tasks.join_next().await {
        keep(&mut outcomes, done)?;
    }
    let outcomes = outcomes.into_iter().flatten().collect();
    let votes = parameters.votes();
    let report = classifier.folder_report(outcomes, votes);
    Ok(Json(FolderAnswer { count_unfamiliar: votes.unfamiliar, report }))
}

fn keep(
    outcomes: &mut [Option<ImageOutcome>],
    done: Result<(usize, ImageOutcome), tokio::task::JoinError>,
) -> Result<(), Refusal> {
    let (index, outcome) = done.map_err(|error| Error::Internal { detail: error.to_string() })?;
    outcomes[index] = Some(outcome);
    Ok(())
}
