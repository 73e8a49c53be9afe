"""Our server beside the one it replaces: the same images, in turns, on the same cores.

    python benches/peers/servers.py PROGRAM IMAGE... [--rounds 5] [--out FILE]

PROGRAM is `histoscope`, IMAGE files that both servers read. Of each server: from request to answer,
one client; images a second of four clients; and the most memory. The old one is old_server.py.
"""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
CLIENTS = 4


def ask(port: int, image: bytes) -> tuple[float, dict]:
    """Milliseconds from request to answer, and the answer."""
    head = 'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = f"--x\r\n{head}".encode() + image + b"\r\n--x--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    start = time.perf_counter()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    connection.request("POST", "/predict/single", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    took = 1000 * (time.perf_counter() - start)
    if answer.status != 200:
        raise SystemExit(f"port {port}: {answer.status} {text[:200]!r}")
    return took, json.loads(text)


@contextlib.contextmanager
def server(command: list[str], port: int):
    """A running server, until the end of the block."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    break
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} has ended with {process.returncode}")
            time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def most_memory(pid: int) -> int:
    """MiB, as Linux has counted."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("images", nargs="+", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    images = [path.read_bytes() for path in arguments.images]
    old = [sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), "old_server:app"]
    commands = {
        "histoscope": ([arguments.program, "serve", "--port", "8101"], 8101),
        "replaced": ([*old, "--port", "8102"], 8102),
    }
    result: dict[str, object] = {"cores": os.cpu_count(), "images": len(images)}
    with contextlib.ExitStack() as stack:
        pids = {name: stack.enter_context(server(*how)) for name, how in commands.items()}
        times: dict[str, list[float]] = {name: [] for name in commands}
        rates: dict[str, list[float]] = {name: [] for name in commands}
        # The first round does not count.
        for round_ in range(arguments.rounds + 1):
            for name, (_, port) in commands.items():
                answers = [ask(port, image) for image in images]
                patches = [answer["num_patches"] for _, answer in answers]
                start = time.perf_counter()
                with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
                    list(pool.map(ask, [port] * len(images), images))
                rate = len(images) / (time.perf_counter() - start)
                if round_ > 0:
                    times[name] += [took for took, _ in answers]
                    rates[name].append(rate)
                    result["patches"] = sum(patches) / len(patches)
        for name, pid in pids.items():
            result[name] = {
                "ms_median": round(statistics.median(times[name]), 1),
                "ms_least": round(min(times[name]), 1),
                "images_a_second": round(statistics.median(rates[name]), 2),
                "memory_mib": most_memory(pid),
            }
    print(json.dumps(result, indent=1))
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
