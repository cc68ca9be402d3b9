"""When an app has done what it was asked, by its own queues: nothing is guessed from the processor."""

import asyncio

from textual._context import active_app

QUIET_TURNS = 12  # a key goes from the driver to the widget, and what it changes to the screen, in fewer


async def at_rest(min_sleep: float = 0, max_sleep: float = 30) -> None:
    """Waits until every message is taken and everything is drawn, for some turns of the loop on end."""
    app = active_app.get()
    async with asyncio.timeout(max_sleep):
        quiet = 0
        while quiet < QUIET_TURNS:
            await asyncio.sleep(0)
            app.screen._on_timer_update()
            pumps = (app, *app.screen_stack, *app.screen.walk_children())
            waiting = any(not pump._message_queue.empty() or pump._next_callbacks for pump in pumps)
            quiet = 0 if waiting else quiet + 1
