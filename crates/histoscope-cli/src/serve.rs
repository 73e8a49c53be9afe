//! `histoscope serve`: the HTTP API and the page from this program.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use clap::{Args, ValueEnum};
use histoscope::manifest::Variant;
use histoscope::model::Runtime;
use histoscope::pipeline::Classifier;
use histoscope_files::bounded::{self, Refusal};
use histoscope_files::known;
use histoscope_files::labelled::read_lesson;
use histoscope_server::{HeaderValue, Lessons, Limits, Service, Settings, router, serve};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tracing_subscriber::fmt;

use crate::at_hand;
use crate::console::{complain, exit_status};
use crate::trouble::Trouble;

/// The page as one file, if the program was built with it (`make server`).
#[cfg(page)]
const PAGE: Option<&[u8]> = Some(include_bytes!(env!("HISTOSCOPE_PAGE")));
#[cfg(not(page))]
const PAGE: Option<&[u8]> = None;

/// The page with its model has 3 MB.
const MAX_PAGE_BYTES: u64 = 256 << 20;
const MAX_TOKEN_BYTES: u64 = 4096;

/// Serves the HTTP API of the Python server (POST /predict/single and /predict/folder) and the page.
///
/// No file is ever written, and no file name or pixel is logged. GET /docs describes the addresses.
#[derive(Args)]
#[command(after_help = "It stops at Ctrl-C or SIGTERM, once every accepted request is answered.")]
pub(crate) struct Serve {
    /// Address to listen at. Anything but this machine's own lets others send images.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen at; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 8000)]
    port: u16,
    /// Threads that compute [default: as many as this machine has].
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Another ONNX model, with its manifest (.json) or its makers' config.json beside it [default:
    /// the one that the lessons name, if it is at hand; the built-in one].
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// A lesson that judges (docs/teaching.md); NAME=FILE one that requests may ask for by
    /// ?lesson=NAME. May be repeated.
    #[arg(long, value_name = "[NAME=]FILE")]
    lesson: Vec<String>,
    /// Images taken on at once; a request beyond them is told to come again.
    #[arg(long, value_name = "N")]
    max_images: Option<usize>,
    /// MiB of one uploaded file at most.
    #[arg(long, value_name = "MIB", default_value_t = 64)]
    max_upload: usize,
    /// File with a token that requests must bear (Authorization: Bearer TOKEN).
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Site whose pages may ask, such as https://example.org; may be repeated [default: none].
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// The page as one HTML file [default: the built-in one, where the program has it].
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// How the log on standard error looks.
    #[arg(long, value_enum, default_value_t = Log::Text)]
    log: Log,
}

#[derive(Clone, Copy, ValueEnum)]
enum Log {
    Text,
    Json,
}

/// Runs it until it is told to stop.
pub(crate) fn run(arguments: Serve) -> ExitCode {
    match start(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            complain(None, &trouble);
            exit_status(&trouble)
        }
    }
}

fn start(arguments: Serve) -> Result<(), Trouble> {
    // Where nobody reads the log any more, requests are answered all the same.
    let log = fmt().with_writer(std::io::stderr).with_target(false).log_internal_errors(false);
    match arguments.log {
        Log::Text => log.with_ansi(false).init(),
        Log::Json => log.json().init(),
    }
    let limits = limits(&arguments)?;
    let settings = Settings {
        page: page(arguments.page.as_deref())?,
        token: arguments.token_file.as_deref().map(token).transpose()?,
        allow_origins: origins(&arguments.allow_origin)?,
    };
    let open = settings.token.is_none();
    let address = SocketAddr::new(arguments.host, arguments.port);
    let failed = |error: std::io::Error| Trouble::NoListening {
        address: address.to_string(),
        detail: error.to_string(),
    };
    // The model is read before anybody is let in who would wait for a wrong one.
    let told: Vec<_> = arguments.lesson.iter().map(|told| name_and_file(told)).collect();
    check_names(&told)?;
    // All lessons are of one model, and the first one tells which.
    let first = told.first().map(|(_, file)| *file);
    let model = known::model(arguments.model.as_deref(), first)?;
    let classifier = at_hand::load(
        model.as_deref(),
        arguments.model.is_some(),
        Variant::Int8,
        Runtime::default(),
    )?;
    let lessons = lessons(&classifier, &told)?;
    let service = Service::new(limits);
    service.load(classifier, lessons);
    // Computing has threads of its own; two carry the connections.
    let connections =
        Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(failed)?;
    connections.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!("http://{address} for research use only; not a medical device");
        if open && !address.ip().is_loopback() {
            tracing::warn!(
                "everybody who reaches {address} may send images; --token-file asks them for a token"
            );
        }
        serve(listener, router(Arc::clone(&service), settings), told_to_stop()).await.map_err(failed)
    })
}

/// A lesson's name, if it has one, and its file. Names are letters, digits, "-" and "_"; so a file
/// whose name has an "=" can be told by "./".
fn name_and_file(told: &str) -> (Option<&str>, &Path) {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    match told.split_once('=').filter(|(name, _)| is_name(name)) {
        Some((name, file)) => (Some(name), Path::new(file)),
        None => (None, Path::new(told)),
    }
}

/// One lesson may be without a name, and no two may have the same. Told before any file is read.
fn check_names(told: &[(Option<&str>, &Path)]) -> Result<(), Trouble> {
    let refuse = |detail| Err(Trouble::ServerOption { option: "--lesson", detail });
    for (place, &(name, file)) in told.iter().enumerate() {
        let other = told[..place].iter().find(|(other, _)| *other == name);
        match (name, other) {
            (Some(Lessons::NONE), _) => {
                return refuse(format!("the name {} is taken", Lessons::NONE));
            }
            (Some(name), Some(_)) => return refuse(format!("the name {name} is taken")),
            (None, Some((_, other))) => {
                let [other, file] = [other, file].map(Path::display);
                return refuse(format!("{other} and {file} cannot both judge; name one"));
            }
            (_, None) => {}
        }
    }
    Ok(())
}

/// Reads the lessons of the command line.
fn lessons(classifier: &Classifier, told: &[(Option<&str>, &Path)]) -> Result<Lessons, Trouble> {
    let mut lessons = Lessons::default();
    for &(name, file) in told {
        let lesson = read_lesson(classifier, file)?;
        match name {
            None => lessons.set_usual(lesson),
            Some(name) => lessons.insert(name.into(), lesson),
        }
    }
    Ok(lessons)
}

fn limits(arguments: &Serve) -> Result<Limits, Trouble> {
    let at_least_one = |option, value: Option<usize>| match value {
        Some(0) => Err(Trouble::ServerOption { option, detail: "0 is less than 1".into() }),
        value => Ok(value),
    };
    let workers = at_least_one("--workers", arguments.workers)?
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let defaults = Limits::for_workers(workers);
    let mib = at_least_one("--max-upload", Some(arguments.max_upload))?.unwrap_or(1);
    // What the core refuses anyway needs no room.
    let upload_bytes = mib.saturating_mul(1 << 20).min(histoscope::decode::MAX_FILE_BYTES as usize);
    let images = at_least_one("--max-images", arguments.max_images)?.unwrap_or(defaults.images);
    Ok(Limits { upload_bytes, images, ..defaults })
}

fn page(path: Option<&Path>) -> Result<Option<Cow<'static, [u8]>>, Trouble> {
    match path {
        None => Ok(PAGE.map(Cow::Borrowed)),
        Some(path) => Ok(Some(read("--page", path, MAX_PAGE_BYTES)?.into())),
    }
}

/// The file's first line.
fn token(path: &Path) -> Result<String, Trouble> {
    let refuse =
        |detail: &str| Trouble::ServerOption { option: "--token-file", detail: detail.into() };
    let text = String::from_utf8(read("--token-file", path, MAX_TOKEN_BYTES)?)
        .map_err(|_| refuse("the file is no text"))?;
    let token = text.lines().next().unwrap_or_default().trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse("its first line is no token: visible ASCII letters without blanks"));
    }
    Ok(token.into())
}

fn read(option: &'static str, path: &Path, most: u64) -> Result<Vec<u8>, Trouble> {
    let refuse = |detail| Trouble::ServerOption { option, detail };
    bounded::read(path, most).map_err(|refusal| match refusal {
        Refusal::NotRegular(kind) => refuse(format!("{} is {kind}", path.display())),
        Refusal::TooLarge(_) => refuse(format!("{} has more than {most} bytes", path.display())),
        Refusal::Unreadable(error) => refuse(format!("{}: {error}", path.display())),
    })
}

/// As a browser names a site: scheme, host and, perhaps, port.
fn origins(all: &[String]) -> Result<Vec<HeaderValue>, Trouble> {
    all.iter()
        .map(|origin| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let sound =
                host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' ']));
            let refuse = || Trouble::ServerOption {
                option: "--allow-origin",
                detail: format!("{origin:?} is none; expected such as https://example.org"),
            };
            if sound { HeaderValue::from_str(origin).map_err(|_| refuse()) } else { Err(refuse()) }
        })
        .collect()
}

/// Done at Ctrl-C, and where there are signals at SIGTERM.
async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            tracing::info!("told to stop");
            return;
        }
    }
    let _ = interrupted.await;
    tracing::info!("told to stop");
}
