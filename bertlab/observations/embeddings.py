"""What may be said of vectors as a space: senses, neighbours, positions, random pairs."""

from bertlab.inspection.embeddings.neighbours import Neighbours
from bertlab.inspection.embeddings.positions import PositionSimilarity
from bertlab.inspection.embeddings.separation import Separation
from bertlab.inspection.embeddings.similarity import Baseline
from bertlab.inspection.layers import depth_name
from bertlab.pretraining.record import PretrainingRecord

SIGNIFICANT = 0.05  # at most so many shuffles do as well, all layers looked at
ABOVE_EMBEDDING = 0.05  # silhouette gained on the embedding, where context has not come in yet
TIMES_CHANCE = 1.5  # a neighbour stands out at so many times the best of random directions
MORE_ALIKE = 0.2  # cosine of neighbouring positions above that of distant ones


def stands_apart(separation: Separation) -> bool:
    """Whether context separates the senses: more than shuffles do, and than the embedding does.

    The embedding knows the piece and its position alone. Where its senses stand as far apart
    already, what is seen later may come from where the word stands in the sentence.
    """
    best = separation.best
    gain = separation.silhouettes[best] - separation.silhouettes[0]
    return bool(separation.corrected[best] < SIGNIFICANT and gain >= ABOVE_EMBEDDING)


def separation_notice(word: str, separation: Separation) -> str:
    """Say how far a word's senses stand apart, and whether chance would do as well."""
    best = separation.best
    score = f"silhouette {separation.silhouettes[best]:.2f}"
    chance = p_text(separation, best)
    if stands_apart(separation):
        return (
            f"The senses of “{word}” stand apart most after {depth_name(best)}: {score}, {chance}."
        )
    if separation.corrected[best] >= SIGNIFICANT:
        return (
            f"The senses of “{word}” do not stand apart more than shuffled labels do: at best "
            f"{score}, {chance}."
        )
    return (
        f"The senses of “{word}” differ by more than shuffled labels ({score}, {chance}), but the "
        f"embedding alone has {separation.silhouettes[0]:.2f}: where the word stands in its "
        "sentences may explain it."
    )


def p_text(separation: Separation, depth: int) -> str:
    """Write a p-value, corrected for looking at every layer: "p = 0.012"."""
    p_value = separation.corrected[depth]
    return f"p = {p_value:.3f}" if p_value >= 0.001 else "p < 0.001"


def anisotropy_notice(baseline: Baseline) -> str:
    """Say how alike any two tokens are after the last layer."""
    last = len(baseline.means) - 1
    return (
        f"Two random tokens have a mean cosine of {baseline.means[0]:.2f} at the embedding and "
        f"{baseline.means[last]:.2f} after {depth_name(last)}: read every cosine beside that."
    )


def has_neighbours(neighbours: Neighbours) -> bool:
    """Whether the nearest piece is nearer than the best of as many random directions."""
    nearest = neighbours.nearest[0].cosine
    return nearest - neighbours.mean >= TIMES_CHANCE * neighbours.chance


def neighbours_notice(neighbours: Neighbours) -> str:
    """Name the nearest piece where it is nearer than chance, else say that there is none."""
    nearest = neighbours.nearest[0]
    count, level = neighbours.vocabulary, neighbours.by_chance
    chance = f"the best of {count:,} random directions about {level:.2f}"
    if has_neighbours(neighbours):
        return (
            f"The input embedding nearest to that of “{neighbours.token}” is “{nearest.token}”: "
            f"it has a cosine of {nearest.cosine:.2f}, {chance}."
        )
    return (
        f"No input embedding is clearly near to that of “{neighbours.token}”: the nearest has a "
        f"cosine of {nearest.cosine:.2f}, {chance}."
    )


def origin_notices(record: PretrainingRecord | None) -> list[str]:
    """Say where a model's tables come from, as far as its record tells more than "learned".

    The English mini's word table was drawn towards a teacher's, and its later positions began as a
    continuation of the first ones: what is seen of them is not all its own.
    """
    if record is None:
        return []
    settings, found = record.settings, []
    if settings.teacher and settings.word_weight:
        found.append(
            f"From the model's card: while it learned, its word table was pulled towards that of "
            f"{settings.teacher}, so a part of who neighbours whom was taken over."
        )
    if settings.learned_positions:
        found.append(
            f"From the model's card: a first part of its training taught the first "
            f"{settings.learned_positions} positions; those past them began as a rotation carried "
            "on from these, and learned on from there. A part of the pattern was put in."
        )
    return found


def knows_order(similarity: PositionSimilarity) -> bool:
    """Whether neighbouring positions are clearly more alike than distant ones."""
    return similarity.next - similarity.far >= MORE_ALIKE


def positions_notice(similarity: PositionSimilarity) -> str:
    """Say whether nearby positions have similar embeddings."""
    numbers = (
        f"mean cosine {similarity.next:.2f} for neighbours, {similarity.far:.2f} for positions at "
        "least half of the length apart"
    )
    if knows_order(similarity):
        return f"Nearby positions have similar embeddings: {numbers}."
    return f"Neighbouring positions are not clearly more alike than distant ones: {numbers}."
