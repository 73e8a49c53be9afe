//! How many images a running server answers a second, and with which statuses.
//!
//!     histoscope serve --port 8123 &
//!     cargo run --release --package histoscope-server --example load -- 127.0.0.1:8123 IMAGE 32 60
//!
//! Address, image file, clients at once, seconds. Each client sends the image again as soon as it has
//! its answer, over a connection that stays; after a 429 it waits as long as it is told.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, image, clients, seconds] = arguments.as_slice() else {
        return Err("usage: load ADDRESS IMAGE CLIENTS SECONDS".into());
    };
    let (clients, seconds): (usize, u64) = (clients.parse()?, seconds.parse()?);
    let request = request(&std::fs::read(image)?);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let start = Instant::now();
    let until = start + Duration::from_secs(seconds);
    let answers = runtime.block_on(async {
        let mut all = JoinSet::new();
        for _ in 0..clients {
            all.spawn(client(address.clone(), request.clone(), until));
        }
        let mut answers = vec![];
        while let Some(done) = all.join_next().await {
            answers.extend(done??);
        }
        Result::Ok(answers)
    })?;
    let took = start.elapsed().as_secs_f64();
    let mut statuses = BTreeMap::new();
    for (status, _) in &answers {
        *statuses.entry(*status).or_insert(0_usize) += 1;
    }
    let mut times: Vec<f64> =
        answers.iter().filter(|(status, _)| *status == 200).map(|(_, time)| *time).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied();
    println!("answers by status: {statuses:?}");
    println!("images a second: {:.2}", times.len() as f64 / took);
    println!("request to answer, s: median {:.3?}, 95 of 100 {:.3?}", at(0.5), at(0.95));
    Ok(())
}

fn request(image: &[u8]) -> Vec<u8> {
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    let tail = "\r\n--x--\r\n";
    let length = head.len() + image.len() + tail.len();
    let mut request = format!(
        "POST /predict/single HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; \
         boundary=x\r\nContent-Length: {length}\r\n\r\n{head}"
    )
    .into_bytes();
    request.extend_from_slice(image);
    request.extend_from_slice(tail.as_bytes());
    request
}

/// Status and seconds of each answer.
async fn client(address: String, request: Vec<u8>, until: Instant) -> Result<Vec<(u16, f64)>> {
    let mut stream = BufReader::new(TcpStream::connect(&address).await?);
    let mut answers = vec![];
    while Instant::now() < until {
        let start = Instant::now();
        stream.write_all(&request).await?;
        let (mut status, mut length, mut wait) = (0, 0, None);
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Err("the server has closed the connection".into());
            }
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            }
            if let Some(rest) = text.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().unwrap_or_default().parse()?;
            } else if let Some(rest) = text.strip_prefix("content-length: ") {
                length = rest.parse()?;
            } else if let Some(rest) = text.strip_prefix("retry-after: ") {
                wait = Some(Duration::from_secs(rest.parse()?));
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        answers.push((status, start.elapsed().as_secs_f64()));
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
    }
    Ok(answers)
}
