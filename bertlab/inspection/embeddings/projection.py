"""Points of many dimensions on a flat page, layer by layer, without a jump between layers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Projection:
    """The same points at every depth, each depth in the plane that keeps most of its spread.

    Attributes:
        points: float64 (depth, point, 2), about their mean.
        explained: float64 (depth,): the share of the spread that lies in that plane, in 0..1.
    """

    points: np.ndarray = field(repr=False)
    explained: np.ndarray = field(repr=False)

    @property
    def reach(self) -> float:
        """The largest coordinate at any depth: what fixed axes must hold."""
        return float(np.abs(self.points).max())


def project(vectors: np.ndarray) -> Projection:
    """Project each depth's points onto their first two principal components.

    Points on a line keep all of their spread: [[[0, 0, 0], [1, 1, 1]]] gives x of -0.87 and 0.87
    (or the other way round), y of 0, explained [1.0].

    Components have no sign of their own, and two of nearly equal spread may change places from
    one layer to the next; so each depth's plane is turned, and mirrored where that helps, to lie
    as close as can be to the one before (orthogonal Procrustes, Schönemann 1966). Distances in
    the plane stay as they are.

    Args:
        vectors: float (depth, point, hidden).
    """
    planes: list[np.ndarray] = []
    explained: list[float] = []
    for depth in vectors.astype(np.float64):  # (point, hidden)
        plane, share = _principal_plane(depth)
        planes.append(_turned(plane, planes[-1]) if planes else plane)
        explained.append(share)
    return Projection(np.stack(planes), np.array(explained))


def _principal_plane(points: np.ndarray) -> tuple[np.ndarray, float]:
    """(point, hidden) -> (point, 2) and the share of the spread in it; PCA by SVD."""
    centred = points - points.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    scores = left * lengths  # (point, component)
    total = float((lengths**2).sum())
    share = float((lengths[:2] ** 2).sum()) / total if total > 0 else 0.0
    plane = np.zeros((len(points), 2))
    kept = min(2, scores.shape[1])
    plane[:, :kept] = scores[:, :kept]
    return plane * _signs(plane), share


def _signs(plane: np.ndarray) -> np.ndarray:
    """Make each axis' point that lies farthest out a positive one, so that runs agree."""
    farthest = plane[np.abs(plane).argmax(axis=0), [0, 1]]
    return np.where(farthest < 0, -1.0, 1.0)


def _turned(plane: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """Turn or mirror a plane to lie as close as can be to another one."""
    left, _, right = np.linalg.svd(plane.T @ onto)
    turned: np.ndarray = plane @ left @ right
    return turned
