"""`bertlab runs`: the run folders, seen and handled without a browser."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bertlab.cli.arguments import add_command
from bertlab.cli.output import Answer, emit, note
from bertlab.errors import InputError, RunError

if TYPE_CHECKING:
    from bertlab.runs import Run

ACTIONS = ("list", "show", "stop", "pause", "resume", "replay", "control", "delete")

PAGE = ("fine_tuning", "run")  # of most runs, and what names a run in its address


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, "runs", run, help_text="list, show, stop, pause, resume, replay, control, delete"
    )
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
    parser.add_argument("run_id", nargs="?", metavar="ID")


def run(arguments: argparse.Namespace) -> int:
    """Do one of the actions; all but "list" need a run's id."""
    from bertlab.runs import list_runs, open_run

    action = arguments.action
    if action == "list":
        if arguments.run_id:
            raise InputError(f'"list" takes no id. Did you mean: runs show {arguments.run_id}')
        answer = {"runs": [describe(one) for one in list_runs()]}
        emit(answer, show_list, as_json=arguments.json)
        return 0
    if not arguments.run_id:
        raise InputError(f"Which run? Give its id: bertlab runs {action} ID. See: bertlab runs")
    chosen = open_run(arguments.run_id)
    actions = {"show": _show, "stop": _stop, "pause": _pause, "resume": _resume}
    actions |= {"replay": _replay, "control": _control, "delete": _delete}
    return actions[action](chosen, arguments.json)


def _show(run: "Run", as_json: bool) -> int:
    emit(describe(run) | {"result": run.result()}, show_one, as_json=as_json)
    return 0


def _stop(run: "Run", as_json: bool) -> int:
    if run.status().is_final:
        raise RunError(f"Run {run.id} is {run.status().phase} already.")
    run.request_stop()
    emit(describe(run), lambda answer: f"Asked {run.id} to stop.", as_json=as_json)
    return 0


def _pause(run: "Run", as_json: bool) -> int:
    run.request_pause()
    emit(describe(run), _tell_pause, as_json=as_json)
    return 0


def _tell_pause(answer: Answer) -> str:
    """For people: whether it rests already, and how it goes on."""
    is_resting = answer["phase"] == "paused"
    told = answer["message"] if is_resting else "It rests after the step it is in."
    return f"{told} Go on with: bertlab runs resume {answer['run']}"


def _resume(run: "Run", as_json: bool) -> int:
    """Go on in this process; or, with BERTLAB_SCHEDULER, ask that cluster (once more)."""
    from bertlab.cli.training import train_here
    from bertlab.engine import engine_status, submit
    from bertlab.runs import holder_of

    if run.status().phase == "finished":
        raise RunError(f"Run {run.id} is finished. Its figures: bertlab runs show {run.id}")
    if holder_of(run.folder):
        raise RunError(f"Run {run.id} is being executed. Stop it first: bertlab runs stop {run.id}")
    if engine_status().state == "remote":  # as the page does
        engine = submit(run)
        emit(
            describe(run),
            lambda answer: f"Gave {answer['run']} to the cluster at {engine.address}.",
            as_json=as_json,
        )
        return 0
    # Not queued: the engine might take it before this process does.
    run.forget_requests()
    return train_here(run, as_json=as_json)


def _replay(run: "Run", as_json: bool) -> int:
    """Do the same again in this process, as a run of its own."""
    from bertlab.cli.training import train_here
    from bertlab.finetuning.compare import create_replay
    from bertlab.runs.run import FINETUNING

    if run.kind != FINETUNING:
        raise RunError(f"Run {run.id} is one of pre-training; only fine-tuning can be replayed.")
    new = create_replay(run)
    note(f"Run {new.id} repeats {run.id}.")
    return train_here(new, as_json=as_json)


def _control(run: "Run", as_json: bool) -> int:
    """Print the secret link that hands a run to the browser that opens it."""
    from bertlab.runs.ownership import make_control_token
    from bertlab.runs.run import PRETRAINING

    page, key = ("pretraining", "pretraining_run") if run.kind == PRETRAINING else PAGE
    link = f"/{page}?{key}={run.id}&control={make_control_token(run)}"
    emit({"run": run.id, "link": link}, _tell_control, as_json=as_json)
    return 0


def _tell_control(answer: Answer) -> str:
    """For people: what to do with the link."""
    return f"Open this behind the app's address, in the browser to control it:\n{answer['link']}"


def _delete(run: "Run", as_json: bool) -> int:
    run.delete()
    answer = {"run": run.id, "deleted": True}
    emit(answer, lambda _: f"Deleted {run.id} with its data and its model.", as_json=as_json)
    return 0


def describe(run: "Run") -> Answer:
    """What there is to say of a run in a list."""
    status = run.status()
    return {
        "run": run.id,
        "kind": run.kind,
        "name": run.name,
        "interrupted": run.is_interrupted(),
        **asdict(status),
        "folder": str(run.folder),
        "model_dir": str(run.model_folder) if run.has_model else None,
        "settings": _settings(run),
        "examples": run.about.get("examples", {}),
    }


def _settings(run: "Run") -> Answer:
    """What the run was asked to do, whatever kind it is."""
    from bertlab.runs.files import read_json
    from bertlab.runs.run import FINETUNING

    if run.kind == FINETUNING:
        return asdict(run.settings)
    return read_json(run.folder / "settings.json")


def show_list(answer: Answer) -> str:
    """For people: a line a run, newest first."""
    if not answer["runs"]:
        return "There are no runs yet. Make one: bertlab finetune TABLE"
    return "\n".join(_line(run) for run in answer["runs"])


def _line(run: Answer) -> str:
    when = datetime.fromtimestamp(run["created"]).strftime("%Y-%m-%d %H:%M")
    phase = "interrupted" if run["interrupted"] else run["phase"]
    accuracy = "" if run["accuracy"] is None else f"{run['accuracy']:.1%}"
    kind = " (pre-training)" if run["kind"] == "pretraining" else ""
    return f"{run['run']}  {when}  {phase:<11} {accuracy:>6}  {run['name']}{kind}"


def show_one(answer: Answer) -> str:
    """For people: all of it, a line a value."""
    hidden = ("result", "settings", "name", "kind")
    result = answer["result"] or {}
    filled = {} if answer["kind"] == "pretraining" else result.get("settings", {})
    settings = answer["settings"] | filled  # defaults that were chosen when the model was known
    parts = (answer, settings, result)
    lines = [line for part in parts for line in _lines(part, hidden)]
    return "\n".join([_line(answer), *lines])


def _lines(values: Answer, hidden: tuple[str, ...]) -> Iterator[str]:
    """A line a value, and a line each for the files that a model reads."""
    for key, value in values.items():
        if key == "sources":
            yield from (f"  source: {one['file']}, {one['passes']:g} passes" for one in value)
        elif key not in hidden:
            yield f"  {key}: {value}"
