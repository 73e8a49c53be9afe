"""Statistics of the levels: exact for the int8 network that ships, and found where they belong."""

import numpy as np
import onnx
from models.train.data.synthetic import reference_patches
from models.train.familiarity.levels import STATISTICS, Level, Taps, columns, statistics
from models.train.network.architecture import SHIPPED_LEVELS, TEACHING_LEVELS
from models.train.network.runtime import session, with_outputs


def test_both_statistics_are_those_of_the_activations():
    q = np.random.default_rng(0).integers(0, 128, (2, 3, 5, 4), dtype=np.uint8)
    first, second = statistics(q, 0.25, 40)
    activations = 0.25 * (q.astype(float) - 40)
    np.testing.assert_allclose(first, activations.mean((2, 3)), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(second, (activations**2).mean((2, 3)), rtol=1e-6)


def test_taps_see_what_the_graph_calls_by_the_levels_names(int8):
    patches = np.stack(reference_patches()[:2])
    found = Taps(int8).features(patches)
    names = [Level.of(name).tensor for name in SHIPPED_LEVELS]
    maps = session(with_outputs(int8, names)).run(None, {"image": patches})
    expected = [m.mean((2, 3)) for m in maps] + [(m**2).mean((2, 3)) for m in maps]
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), rtol=1e-4, atol=1e-4)


def test_the_f32_graph_calls_its_levels_the_same(manifest, models_folder):
    graph = onnx.load(models_folder / manifest["variants"]["f32"]["file"]).graph
    outputs = {name for node in graph.node for name in node.output}
    assert {Level.of(name).tensor for name in SHIPPED_LEVELS} <= outputs


def test_columns_take_levels_and_statistics():
    channels = [Level.of(name).channels for name in SHIPPED_LEVELS]
    assert channels == [40, 80, 80]
    np.testing.assert_array_equal(columns(SHIPPED_LEVELS, STATISTICS), np.arange(400))
    np.testing.assert_array_equal(columns(["b6"], ["mean"]), np.arange(40, 120))
    wanted = np.concatenate([np.arange(120, 200), np.arange(320, 400)])
    np.testing.assert_array_equal(columns(["b7"], STATISTICS), wanted)


def test_columns_are_those_of_the_levels_that_were_seen():
    np.testing.assert_array_equal(columns(["b10"], ["mean"], TEACHING_LEVELS), np.arange(80, 192))
    found = columns(["b7"], ["mean_square"], TEACHING_LEVELS)
    np.testing.assert_array_equal(found, np.arange(384, 464))
