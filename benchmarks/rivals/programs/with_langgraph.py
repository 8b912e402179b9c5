# mypy: disable-error-code="import-not-found"
"""The credit as a LangGraph graph with the Postgres checkpointer, written as its documentation recommends.

Each outside call is a node of its own, the wait for the person is ``interrupt``, checkpoints are written before the
next step (``durability="sync"``), the thread id is the idempotency key. After a crash the application itself invokes
the thread again with ``None``.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypedDict

from commands import arguments, serve
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from outside import AMOUNT, Outside
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

given = arguments()
outside = Outside(given.secret, given.base, look_first=given.look_first)


class State(TypedDict, total=False):
    """What the graph carries from node to node."""

    invoice: str
    balance: int
    approved: bool
    credit_note: str


def read_balance(state: State) -> State:
    """What is still owed."""
    return {"balance": outside.open_balance(state["invoice"])}


def ask(state: State) -> State:
    """Wait for the person; nothing stands before the interrupt, because the node starts anew after it."""
    return {"approved": interrupt({"invoice": state["invoice"], "credit": AMOUNT})}


def credit(state: State, config: RunnableConfig) -> State:
    """The effect."""
    key = config["configurable"]["thread_id"]
    return {"credit_note": outside.credit(state["invoice"], key)}


def after_the_answer(state: State) -> str:
    """Credit what was approved, end otherwise."""
    return "credit" if state["approved"] and state["balance"] else END


class Credits:
    """The application around the graph; each run is a thread of the checkpointer."""

    def __init__(self, checkpointer: PostgresSaver) -> None:
        graph = StateGraph(State)
        graph.add_node("read_balance", read_balance)
        graph.add_node("ask", ask)
        graph.add_node("credit", credit)
        graph.add_edge(START, "read_balance")
        graph.add_edge("read_balance", "ask")
        graph.add_conditional_edges("ask", after_the_answer, ["credit", END])
        graph.add_edge("credit", END)
        self._graph = graph.compile(checkpointer=checkpointer)
        self._background = ThreadPoolExecutor(max_workers=4)

    def start(self, run: str, invoice: str) -> None:
        """Begin a thread."""
        self._invoke(run, {"invoice": invoice})

    def approve(self, run: str) -> None:
        """Resume the interrupted node with the answer."""
        self._invoke(run, Command(resume=True))

    def resume(self, run: str) -> None:
        """Go on from the last checkpoint."""
        self._invoke(run, None)

    def state(self, run: str) -> str:
        """From the thread's last checkpoint."""
        last = self._graph.get_state(self._config(run))
        if last.interrupts:
            return "waiting"
        return "done" if last.values and not last.next else "working"

    def _invoke(self, run: str, given: State | Command[str] | None) -> None:
        def work() -> None:
            self._graph.invoke(given, self._config(run), durability="sync")

        self._background.submit(work)

    def _config(self, run: str) -> Any:  # noqa: ANN401 - LangGraph's own dictionary
        return {"configurable": {"thread_id": run}}


if __name__ == "__main__":
    how = {"autocommit": True, "row_factory": dict_row}
    with ConnectionPool[Connection[dict[str, Any]]](given.database, kwargs=how) as pool:
        saver = PostgresSaver(pool)
        saver.setup()
        serve(Credits(saver))
