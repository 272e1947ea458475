"""The process of the embedded model: llama.cpp, spoken to over HTTP like any other endpoint.

It is spawned by the server, which imports this module for the name of the entry point only:
`xllamacpp` is imported inside the functions.
"""

from __future__ import annotations

import contextlib
import os
import platform
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from llmchat import resources
from llmchat.domain.messages import Alive, Command, EngineFailed, EngineReady, Report
from llmchat.queues.base import Inbox, Outbox, QueueClosedError
from llmchat.queues.child import settle_in

if TYPE_CHECKING:
    from xllamacpp import CommonParams, Server

HEARTBEAT_SECONDS = 5.0
BATCH_TOKENS = 128  # an abandoned prompt is given up between two batches: ENGINE.md section 4
GGUF_VERSIONS = (2, 3)
_OPENMP = "libgomp.so.1"
MAX_GGUF_ENTRIES = 1_000_000  # tensors or metadata pairs; the largest models have some thousands


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """What the process is started with; crosses the spawn, so it holds plain values only.

    Each of the `slots` answers one request at a time with a context of `context_tokens`. 0 threads
    stands for a choice by the number of cores.
    """

    parent_pid: int
    model_file: str
    api_key: str = field(repr=False)
    slots: int = 2
    context_tokens: int = 4096
    threads: int = 0


class _UnusableError(Exception):
    """Why there will be no engine, in words for a person."""


def main(reports: Outbox[Report], lifeline: Inbox[Command], config: EngineConfig) -> None:
    """Load the model, report EngineReady or EngineFailed, and serve until the lifeline closes.

    Does not return: ends the process with exit code 0, or 1 without an engine.
    """
    settle_in(config.parent_pid)
    try:
        server = _start(config)
    except _UnusableError as error:
        _tell(reports, EngineFailed(str(error)))
        os._exit(1)
    _tell(reports, EngineReady(f"{server.listening_address}/v1", config.api_key))
    threading.Thread(target=_report_life, args=(reports,), daemon=True).start()
    lifeline.wait_closed()
    # Not by returning: taking the server down in the middle of an answer lasts 30 seconds.
    os._exit(0)


def _report_life(reports: Outbox[Report]) -> None:
    while True:
        time.sleep(HEARTBEAT_SECONDS)
        _tell(reports, Alive())


def _tell(reports: Outbox[Report], message: Report) -> None:
    with contextlib.suppress(QueueClosedError):  # the parent is gone; the lifeline tells so too
        reports.put_now(message)


def _start(config: EngineConfig) -> Server:
    path = Path(config.model_file)
    _check_file(path)
    _check_processor()
    _lend_openmp()
    try:
        import xllamacpp
    except ImportError as error:
        raise _UnusableError(
            "The built-in model needs the package xllamacpp, which is not there or does not run on"
            f" this machine ({platform.system()} {platform.machine()}): {error}. Use an endpoint"
            " instead, such as Ollama."
        ) from error
    try:
        return xllamacpp.Server(_params(config))
    except (RuntimeError, MemoryError) as error:
        raise _UnusableError(
            f"llama.cpp cannot load {path}. The file may be damaged or cut off, its kind of model"
            " may be newer than this llama.cpp, or there is too little memory."
        ) from error


def _lend_openmp() -> None:
    """Load GCC's OpenMP library, which xllamacpp needs and a minimal Linux has not.

    One that set-up brought stands in for a missing one (`scripts/model.py`): a library that is
    loaded already is found by its name, wherever it came from.
    """
    if sys.platform != "linux":
        return
    import ctypes

    try:
        ctypes.CDLL(_OPENMP)
    except OSError:
        bundled = resources.embedded_model()
        if bundled is not None:
            with contextlib.suppress(OSError):  # the import says what is missing
                ctypes.CDLL(str(bundled.with_name(_OPENMP)))


def _params(config: EngineConfig) -> CommonParams:
    """The settings that docs/decisions.md, "Embedded model", gives the measurements for."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config.model_file
    params.model_alias = {Path(config.model_file).stem}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config.api_key]
    params.ui = params.endpoint_slots = False
    params.verbosity = -1  # its log has prompts in it
    params.n_parallel = config.slots
    params.n_ctx = config.slots * config.context_tokens
    params.kv_unified = False  # when a shared one is full, every answer in it dies
    params.cache_ram_mib = 0
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.fit_params = False  # it loads the model twice to find what is set here
    params.warmup = False  # the first question warms it up as well
    # One core is left to the browser, the server and the worker: llama.cpp's threads wait for each
    # other, and one that has to share its core makes a prompt take three times as long.
    threads = config.threads or max(1, _cores() - 1)
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    return params


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))  # what a container or taskset leaves of them
    return os.cpu_count() or 1


def _check_file(path: Path) -> None:
    """Refuse what llama.cpp would refuse with less to say, or abort the process over.

    A GGUF file starts with its magic, version, number of tensors and number of metadata pairs:
    https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
    """
    try:
        with path.open("rb") as file:
            header = file.read(24)
    except FileNotFoundError as error:
        raise _UnusableError(f"There is no model file {path}.") from error
    except OSError as error:
        raise _UnusableError(f"The model file {path} cannot be read: {error.strerror}.") from error
    if len(header) < 24 or header[:4] != b"GGUF":
        raise _UnusableError(f"{path} is not a GGUF model file.")
    version, tensors, pairs = struct.unpack("<IQQ", header[4:])
    if version not in GGUF_VERSIONS:
        raise _UnusableError(f"{path} has GGUF version {version}; known are 2 and 3.")
    if not 0 < tensors < MAX_GGUF_ENTRIES or not 0 < pairs < MAX_GGUF_ENTRIES:
        raise _UnusableError(f"The header of {path} makes no sense: the file is damaged.")


def _check_processor() -> None:
    """On x86 the wheel is built for AVX2: without it, the process would die of SIGILL."""
    if sys.platform != "linux" or platform.machine() not in {"x86_64", "AMD64"}:
        return
    if not supports_avx2(_read_cpuinfo()):
        raise _UnusableError(
            "The built-in model needs a processor with AVX2, which this machine does not have."
            " Use an endpoint instead, such as Ollama."
        )


def supports_avx2(cpuinfo: str) -> bool:
    """Whether `/proc/cpuinfo` lists AVX2; also True where it lists no flags at all."""
    flags = [line for line in cpuinfo.splitlines() if line.startswith("flags")]
    return not flags or "avx2" in flags[0].split()


def _read_cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
