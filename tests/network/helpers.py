"""What the tests of the network share, attention one query at a time among it."""

import math

import numpy as np
import torch

B, H, L, S, D = 2, 3, 13, 17, 5


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def draw_qkv(n_queries=L, n_keys=L):
    return (
        draw(B, H, n_queries, D, seed=1),
        draw(B, H, n_keys, D, seed=2),
        draw(B, H, n_keys, D, seed=3),
    )


def softmax(scores):
    exp = np.exp(scores - scores.max())
    return exp / exp.sum()


def slow_dense(q, k, v, causal=False):
    """Dense attention, one query at a time, in numpy; queries stand at the end."""
    q, k, v = (t.double().numpy() for t in (q, k, v))
    output = np.empty((*q.shape[:3], v.shape[3]))
    n_hidden = k.shape[2] - q.shape[2]
    for b, h, i in np.ndindex(*q.shape[:3]):
        n = n_hidden + i + 1 if causal else k.shape[2]
        scores = np.array([q[b, h, i] @ k[b, h, j] for j in range(n)])
        output[b, h, i] = softmax(scores / math.sqrt(q.shape[3])) @ v[b, h, :n]
    return output


def slow_probsparse(q, k, v, factor, causal=False, running="mean"):
    """ProbSparse attention, one query at a time, in numpy; also who was active."""
    n_queries, n_keys = q.shape[2], k.shape[2]
    n_active = min(n_queries, max(1, factor * math.ceil(math.log(n_queries))))
    U = min(n_keys, max(1, factor * math.ceil(math.log(n_keys))))
    sample = [int((i + 0.5) * n_keys / U) for i in range(U)]
    output = slow_dense(q, k, v, causal)
    q, k, v = (t.double().numpy() for t in (q, k, v))
    active = np.zeros(q.shape[:3], dtype=bool)
    for b, h in np.ndindex(*q.shape[:2]):
        scores = np.array([[row @ k[b, h, j] for j in sample] for row in q[b, h]])
        measure = [row.max() - row.sum() / U for row in scores]
        active[b, h, np.argsort(measure)[-n_active:]] = True
        for i in np.flatnonzero(~active[b, h]):
            seen = v[b, h, : i + 1] if causal else v[b, h]
            use_sum = causal and running == "sum"
            output[b, h, i] = seen.sum(axis=0) if use_sum else seen.mean(axis=0)
    return output, active


def assert_close(actual, expected, atol=1e-5):
    np.testing.assert_allclose(actual.detach().numpy(), expected, atol=atol, rtol=0)


def gradients_by_part(module):
    """Return the gradients by name, those of queries, keys and values on their own."""
    gradients = {}
    for name, parameter in module.named_parameters():
        if "in_projection." not in name:
            gradients[name] = parameter.grad
            continue
        parts = ("query", "key", "value")
        for part, gradient in zip(parts, parameter.grad.chunk(3), strict=True):
            gradients[name.replace("in_projection", part)] = gradient
    return gradients


def without_gradient(module, atol=1e-12):
    """Return the names of what no gradient reaches."""
    gradients = gradients_by_part(module)
    return {name for name, given in gradients.items() if given.abs().max() < atol}
