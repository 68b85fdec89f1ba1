"""Work beside the screen in threads that never hold up the end of the program."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable, Iterator
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def settled_memory() -> Iterator[None]:
    """What is made here is there to stay: the garbage collector looks through it once, and at no key press again.

    A program of thousands of steps is millions of objects; a full collection of them takes as long as ten key presses.
    What was made the last time (the recording before a reload) is collected as ever.
    """
    gc.unfreeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


async def in_thread(function: Callable[[], T]) -> T:
    """The result of ``function``, computed in a thread of its own; its exception is raised here.

    The thread is a daemon: somebody's endless loop must not keep the process alive after the screen is gone, as the
    threads of an executor would. Whoever is cancelled while waiting simply stops waiting.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(set_outcome: Callable[[], None]) -> None:
        if not future.done():
            set_outcome()

    def run() -> None:
        try:
            result = function()
        except Exception as error:
            failure = error
            _tell(loop, lambda: settle(lambda: future.set_exception(failure)))
        else:
            _tell(loop, lambda: settle(lambda: future.set_result(result)))

    Thread(target=run, daemon=True, name="chainstep").start()
    return await future


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the screen was closed meanwhile
        loop.call_soon_threadsafe(callback)
