"""The figures of a finished run on its test part, and where it was wrong, by what is predicted."""

import streamlit as st

from bertlab.finetuning.result import AnyTest, ClassTest, FineTuningResult, NumberTest, SetTest
from bertlab.runs import Run
from bertlab.ui.figures.charts import plot
from bertlab.ui.figures.tables import downloadable
from bertlab.ui.state.theme import palette, theme
from bertlab.views.fine_tuning.regression import describe_scatter, errors_table, number_scatter
from bertlab.views.fine_tuning.results import (
    confusion_heatmap,
    confusion_table,
    describe_confusion,
    label_table,
    mistakes_table,
)


def metrics_of_test(test: AnyTest) -> dict[str, str]:
    """The figures of the test part under their names; the first one's interval stands second."""
    low, high = test.interval
    if isinstance(test, NumberTest):
        return {
            "Mean absolute error": f"{test.mean_absolute_error:.3g}",
            "95 % interval": f"{low:.3g} – {high:.3g}",
            "Always the median": f"{test.baseline_error:.3g}",
            "Correlation (Pearson)": f"{test.pearson:.3f}",
            "of the ranks (Spearman)": f"{test.spearman:.3f}",
        }
    is_set = isinstance(test, SetTest)
    return {
        "All labels right" if is_set else "Accuracy": f"{test.accuracy:.1%}",
        f"{'Its' if is_set else 'Accuracy’s'} 95 % interval": f"{low:.1%} – {high:.1%}",
        f"Always the commonest {'set' if is_set else 'label'}": f"{test.majority_share:.1%}",
        **({"Micro-F1": f"{test.micro_f1:.3f}"} if isinstance(test, SetTest) else {}),
        "Macro-F1": f"{test.macro_f1:.3f}",
        **_of_macro_f1(test),
    }


def _of_macro_f1(test: ClassTest | SetTest) -> dict[str, str]:
    """Macro-F1's own interval; a run of an earlier version has none."""
    if test.macro_f1_interval is None:
        return {}
    low, high = test.macro_f1_interval
    return {"Macro-F1’s 95 % interval": f"{low:.3f} – {high:.3f}"}


def tell_intervals(test: AnyTest) -> str:
    """Say how the intervals were found; "" of a run of an earlier version, and of numbers."""
    if isinstance(test, NumberTest) or not test.interval_method:
        return ""
    if test.interval_method == "wilson":
        return (
            "Accuracy's interval is Wilson's, macro-F1's is bootstrapped over the test texts. Both "
            "are about these weights on other texts of the kind; another seed gives other weights."
        )
    return (
        "Both intervals are bootstrapped by group: the texts of a group go together, so they tell "
        "less than as many texts of their own. Another seed gives other weights."
    )


def draw_where_wrong(run: Run, result: FineTuningResult) -> None:
    """A picture of right against predicted answers, beside the rows that were answered wrongly."""
    left, right = st.columns([2, 3], gap="large")
    test = result.test
    if isinstance(test, NumberTest):
        with left:
            _scatter(run, result.labels[0])
        with right:
            _errors(run)
        return
    with left:
        if isinstance(test, SetTest):
            _label_figures(test)
        elif test is not None:
            _confusion(test, result.labels)
    with right:
        _mistakes(run)


def _confusion(test: ClassTest, labels: list[str]) -> None:
    st.subheader("Who was taken for whom", anchor=False)
    matrix = test.confusion
    figure = confusion_heatmap(matrix, labels, theme=theme())
    plot(
        figure,
        key="run_confusion",
        alt=describe_confusion(matrix, labels),
        table=lambda: confusion_table(matrix, labels),
    )


def _label_figures(test: SetTest) -> None:
    st.subheader("Label by label", anchor=False)
    st.markdown(
        "Of the texts that the model gives a label, **precision** is the share that has it; of "
        "those that have it, **recall** is the share that the model gives it."
    )
    table = label_table(test.per_label)
    downloadable(table, label="Download as CSV", file_name="labels.csv")


def _mistakes(run: Run) -> None:
    table = mistakes_table(run.predictions(), run.problem_type)
    st.subheader(f"{len(table):,} misclassified rows", anchor=False)
    if table.empty:
        st.write("There are none in this test part.")
        return
    downloadable(table, label="Download as CSV", file_name="misclassified.csv")


def _scatter(run: Run, name: str) -> None:
    st.subheader("Right against predicted", anchor=False)
    rows = run.predictions()
    figure = number_scatter(rows, palette(), name=name)
    words = describe_scatter(rows)
    plot(figure, key="run_scatter", alt=words, table=lambda: errors_table(rows))
    st.markdown(f"{words} On the dashed line the prediction is right.")


def _errors(run: Run) -> None:
    st.subheader("The rows, furthest off first", anchor=False)
    downloadable(errors_table(run.predictions()), label="Download as CSV", file_name="errors.csv")
