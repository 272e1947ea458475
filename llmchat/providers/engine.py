"""The process of one model, embedded or of the owner: llama.cpp, spoken to over HTTP like any other
endpoint.

It is spawned by the server, which imports this module for the name of the entry point only:
`xllamacpp` is imported inside the functions.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from llmchat import resources
from llmchat.domain.messages import (
    Alive,
    Command,
    EngineFailed,
    EngineLoading,
    EngineReady,
    Report,
)
from llmchat.modelfiles.describe import open_header
from llmchat.modelfiles.memory import available_bytes
from llmchat.modelfiles.problems import ModelFileError
from llmchat.queues.base import Inbox, Outbox, QueueClosedError
from llmchat.queues.child import settle_in

if TYPE_CHECKING:
    from xllamacpp import CommonParams, Server

HEARTBEAT_SECONDS = 5.0
BATCH_TOKENS = 128  # an abandoned prompt is given up between two batches: ENGINE.md section 4
_OPENMP = "libgomp.so.1"
_PIECE_BYTES = 8 * 1024 * 1024
_STEPS = 20  # in which progress is told


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """What the process is started with; crosses the spawn, so it holds plain values only.

    Each of the `slots` answers one request at a time with a context of `context_tokens`. 0 threads
    stands for a choice by the number of cores. The model answers to `alias`, else to the name of
    the file; it is not loaded where less than `needed_bytes` of memory are free. A file from
    `slow_bytes` on is read first, to tell how far it is.
    """

    parent_pid: int
    model_file: str
    api_key: str = field(repr=False)
    slots: int = 2
    context_tokens: int = 4096
    threads: int = 0
    alias: str = ""
    needed_bytes: int = 0
    slow_bytes: int = 256 * 1024 * 1024


class _UnusableError(Exception):
    """Why there will be no engine, in words for a person."""

    def __init__(self, message: str, code: str = "model-not-loaded") -> None:
        super().__init__(message)
        self.code = code


def main(reports: Outbox[Report], lifeline: Inbox[Command], config: EngineConfig) -> None:
    """Load the model, report EngineReady or EngineFailed, and serve until the lifeline closes.

    Does not return: ends the process with exit code 0, or 1 without an engine.
    """
    settle_in(config.parent_pid)
    try:
        server = _start(config, reports)
    except _UnusableError as error:
        _tell(reports, EngineFailed(str(error), error.code))
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


def _start(config: EngineConfig, reports: Outbox[Report]) -> Server:
    path = Path(config.model_file)
    _check_file(path)
    _check_processor()
    _check_memory(config)
    _lend_openmp()
    try:
        import xllamacpp
    except ImportError as error:
        raise _UnusableError(
            "The built-in model needs the package xllamacpp, which is not there or does not run on"
            f" this machine ({platform.system()} {platform.machine()}): {error}. Use an endpoint"
            " instead, such as Ollama."
        ) from error
    _read_ahead(path, config.slow_bytes, reports)
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
    params.model_alias = {config.alias or Path(config.model_file).stem}
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
    """Refuse what llama.cpp would refuse with less to say, abort the process over, or believe."""
    if not path.exists():
        raise _UnusableError(f"There is no model file {path}.")
    try:
        open_header(path)
    except ModelFileError as error:
        raise _UnusableError(f"The model file {path} cannot be used. {error.message}") from error


def _check_memory(config: EngineConfig) -> None:
    """Refuse what would push everything else out of memory, or be killed in the middle."""
    free = available_bytes() if config.needed_bytes else None
    if free is not None and free < config.needed_bytes:
        name = config.alias or Path(config.model_file).stem
        raise _UnusableError(
            f"{name} needs about {_gigabytes(config.needed_bytes)} GB of memory, and"
            f" {_gigabytes(free)} GB are free. Close other programs, choose a smaller model, or set"
            " LLMCHAT_MODEL_CONTEXT or LLMCHAT_MODEL_SLOTS lower.",
            "model-no-memory",
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f}"


def _read_ahead(path: Path, slow_bytes: int, reports: Outbox[Report]) -> None:
    """Have a large file in the system's cache, and tell how far that is.

    llama.cpp says nothing while it loads, and lets no other thread of this process say anything.
    """
    size = path.stat().st_size
    if size < slow_bytes:
        return
    buffer, done, told = bytearray(_PIECE_BYTES), 0, -1
    try:
        with path.open("rb", buffering=0) as file:
            while read := file.readinto(buffer):
                done += read
                step = _STEPS * done // (size + 1)  # never all of it: loading comes after it
                if step > told:
                    told = step
                    _tell(reports, EngineLoading(step / _STEPS))
    except OSError as error:
        raise _UnusableError(f"The model file {path} cannot be read: {error.strerror}.") from error


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
