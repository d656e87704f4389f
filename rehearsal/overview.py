"""What stands, and how all of it goes away."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from containers import engine
from containers.checkout import Context
from rehearsal import git_remote
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.stand import (
    alarm_watch,
    clock_orders,
    ended_tasks,
    inventory,
    scaling_state,
    sizes,
    topic_messages,
)
from rehearsal.fargate.stand import mail as mails
from rehearsal.lock import holder
from rehearsal.progress import Progress
from rehearsal.pushes import Pushes
from rehearsal.time_setting import described
from rehearsal.values import rehearsed_time
from rehearsal.values.exits import DONE
from rehearsal.values.stack import sites
from rehearsal.values.state import NEVER_STOOD, Deployed, Store

# Past executions that ``status`` lists.
_REMEMBERED = 5


def print_sites(standing: Iterable[Deployed], progress: Progress) -> None:
    """Print one line for each site: where it is, and which commit it serves."""
    for deployed in standing:
        for site in sites(deployed.stack()):
            progress.line(f"  {site}  {deployed.key.name} serves {deployed.commit[:8]}")


def status(checkout: Path, store: Store, progress: Progress) -> int:
    """Print what stands, where, from which commit, what waits, and how the last executions ended."""
    process = holder(store.folder / "lock")
    for deployed in store.standing():
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(deployed.at))
        where = "  ".join(sites(deployed.stack()))
        progress.line(f"{deployed.key.name:<36} {deployed.commit[:8]}  {at}  {deployed.key.account}  {where}".rstrip())
    for broken in store.state.broken:
        command = "delete-stack" if broken.status in NEVER_STOOD else "continue-rollback"
        progress.line(f"{broken.key.name}: {broken.status}, `make {command} STACK={broken.key.name}`: {broken.reason}")
    if not store.state.standing:
        progress.line("nothing stands yet" if process else "nothing stands: `make rehearse` deploys")
    _print_clock(store.folder, progress)
    _print_alarms(store.folder, progress)
    _print_scaling(store.folder, progress)
    if found := engine.running():
        standing = inventory.status(_context(found, checkout, progress))
        for running in standing:
            progress.line(f"  {running.kind:<9} {running.name:<52} {running.state:<16} {running.address}".rstrip())
        if down := [running for running in standing if not running.well]:
            mended = f"process {process} is at work here" if process else "`make heal` mends that"
            progress.line(f"{len(down)} of these {'is' if len(down) == 1 else 'are'} down: {mended}")
    elif store.state.standing:
        progress.line("no container engine answers: what stands is not running; `make heal` starts one, and all of it")
    _print_executions(store, process, progress)
    if push := Pushes(store.folder).waiting():
        progress.line(f"the push of {push.commit[:8]} waits for its turn")
    if waiting := store.state.waiting:
        progress.line(
            f"execution {waiting.execution}: {waiting.commit[:8]} waits for {waiting.stage} / {waiting.action}"
        )
        progress.line(waiting.evidence)
    if store.state.executions:
        progress.line("`make page` shows all of it in a browser, live")
    return DONE


def _print_executions(store: Store, process: int | None, progress: Progress) -> None:
    """Print how the last executions ended, and what the ``process`` that holds the checkout is at, if there is one."""
    for past in store.state.history[-_REMEMBERED:]:
        progress.line(f"execution {past.execution}: {past.commit[:8]} {past.outcome}")
    runs = False
    if going := store.state.under_way:
        record = store.record(going.execution)
        runs = record is not None and record.process == process
        progress.line(
            f"execution {going.execution}: {going.commit[:8]} {'is' if runs else 'was broken off'} at {going.action}"
        )
    if process and not runs:
        progress.line(f"process {process} is at work here")


def _print_alarms(folder: Path, progress: Progress) -> None:
    """Print the alarms that ring and those that nobody watches, and how many messages and mails there are."""
    for each in alarm_watch.states(folder):
        if each.rings:
            at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each.since))
            progress.line(f"  alarm     {each.name} rings since {at}: {each.reason}")
        elif each.state == alarm_watch.NOT_WATCHED:
            progress.line(f"  alarm     {each.name} is not watched: {each.reason}")
    if kept := mails.kept(folder):
        progress.line(f"  mails     {len(kept)} {'mail' if len(kept) == 1 else 'mails'} in {mails.folder(folder)}")
    if found := topic_messages.messages(folder):
        progress.line(
            f"  mailbox   {len(found)} {'message' if len(found) == 1 else 'messages'} in {folder / 'mailbox'}"
        )


def _print_clock(folder: Path, progress: Progress) -> None:
    """Print how the clock is set, where it is not the machine's, and what keeps it from its work."""
    if (setting := rehearsed_time.setting(folder)) != rehearsed_time.MACHINE:
        progress.line(described(setting))
    for fault in clock_orders.faults(folder):
        progress.line(fault)


def _print_scaling(folder: Path, progress: Progress) -> None:
    """Print how many tasks each scaled service has and why not more, what schedules have set, what was done last.

    Tasks that ended by themselves are among that.
    """
    found = scaling_state.kept(folder)
    for each in found.services.values():
        name = Key.parse(each.service)
        tasks = f"{each.count} {'task' if each.count == 1 else 'tasks'}, {each.minimum} to {each.maximum}"
        progress.line(f"  scaling   {name.stack}/{name.short}: {tasks}{'; ' if each.short else ''}{each.short}")
        for policy, reason in each.unscaled:
            progress.line(f"  scaling   the policy {policy} changes nothing: {reason}")
    for resource, size in sizes.kept(folder).items():
        if size.words:
            name = Key.parse(resource)
            progress.line(f"  size      {name.stack}/{name.short}: {size.words}")
    for activity in found.activities[-_REMEMBERED:]:
        name = Key.parse(activity.service)
        progress.line(
            f"  scaled    {rehearsed_time.in_words(activity.at)}  {name.stack}/{name.short}: "
            f"{activity.before} -> {activity.after}, {activity.cause}; {activity.outcome}"
        )
    for ended in ended_tasks.kept(folder)[-_REMEMBERED:]:
        name, at = Key.parse(ended.service), time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(ended.at))
        progress.line(f"  ended     {at}  {name.stack}/{name.short}: {ended.reason}; {ended.outcome}")


def down(checkout: Path, folder: Path, progress: Progress) -> int:
    """Remove every container, network, volume and image of this checkout, and all that is kept in its ``folder``.

    Nothing that is kept there is read: what cannot be read goes as well.
    """
    # An engine is started, or even installed, only where something of this checkout may be in it.
    found = engine.find() if (folder / "state.json").exists() else engine.running()
    for name in git_remote.remove(checkout, folder):
        progress.line(f"removed the remote {name}")
    if found:
        for name in inventory.down(_context(found, checkout, progress)):
            progress.line(f"removed {name}")
    for entry in folder.iterdir():
        if entry.name == "lock":
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    progress.line(f"removed what was kept in {folder}")
    return DONE


def _context(found: engine.Engine, checkout: Path, progress: Progress) -> Context:
    def secret(account: str, region: str, name: str) -> str:
        raise KeyError(f"{account}/{region}/{name}")

    return Context(checkout, found.docker, found.env, progress.line, secret)
