"""Recurrent layers of many networks at once, with their exact gradients, written out step by step.

Autograd would give the same gradients (the tests hold them together). Written out, each step writes into
memory that is kept from one update to the next, which is what makes an ensemble fast.

Every tensor has a leading axis of members. Shapes below leave it out: n units, d inputs, B examples, T steps.
"""

import torch

__all__ = ["NONLINEARITIES", "LSTMLayer", "RecurrentLayer"]

aten = torch.ops.aten
# name: (h from a, dL/da from dL/dh and h), both writing where they are told
NONLINEARITIES = {
    "tanh": (torch.tanh, aten.tanh_backward.grad_input),
    "sigmoid": (torch.sigmoid, aten.sigmoid_backward.grad_input),
    "relu": (
        lambda a, out: torch.clamp(a, 0, out=out),
        lambda dh, h, grad_input: aten.threshold_backward.grad_input(dh, h, 0, grad_input=grad_input),
    ),
}


class Layer:
    """What both kinds share: the affine part, ``a_t = W h_{t-1} + U x_t + b``, and its gradient.

    Parameters
    ----------
    members, units, inputs, examples, length : int
    """

    gates = 1

    def __init__(self, members: int, units: int, inputs: int, examples: int, length: int):
        wide = self.gates * units
        self.units = units
        self.x = torch.ones(length, members, examples, inputs + 1)  # x_t, and 1 for the bias
        self.h = torch.zeros(length + 1, members, examples, units)  # h_0 .. h_T
        self.a = torch.empty(length, members, examples, wide)  # a_t; dL/da_t on the way back
        self.dh = torch.empty(members, examples, units)
        self.dW, self.dU = torch.empty(members, wide, units), torch.empty(members, wide, inputs + 1)

    def forward(self, W: torch.Tensor, U: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
        """Compute the hidden states.

        Parameters
        ----------
        W : torch.Tensor, shape (gates n, n)
        U : torch.Tensor, shape (gates n, d + 1)
            The last column is b.
        inputs : torch.Tensor, shape (T, members or 1, B, d)

        Returns
        -------
        torch.Tensor, shape (T, members, B, n)
            h_1 .. h_T; overwritten by the next call.
        """
        self.x[..., :-1] = inputs
        self._W, W_t, U_t = W, W.transpose(1, 2).contiguous(), U.transpose(1, 2).contiguous()
        for t, (x, a) in enumerate(zip(self.x, self.a, strict=True)):
            torch.bmm(x, U_t, out=a)
            self._step(t, a.baddbmm_(self.h[t], W_t))
        return self.h[1:]

    def backward(self, dh: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Carry gradients back through time, after `forward`.

        Parameters
        ----------
        dh : torch.Tensor, shape (members, B, n) or (T, members, B, n)
            What the losses hand to h_T alone, or to each h_t.

        Returns
        -------
        dW, dU : torch.Tensor
            In the shapes of W and U; overwritten by the next call.
        """
        self.dW.zero_()
        self.dU.zero_()
        at_every_step = dh.dim() == 4
        self.dh.copy_(dh[-1] if at_every_step else dh)
        for t in reversed(range(len(self.a))):
            self._step_back(t)
            da = self.a[t]
            self.dW.baddbmm_(da.transpose(1, 2), self.h[t])
            self.dU.baddbmm_(da.transpose(1, 2), self.x[t])
            if t:
                torch.bmm(da, self._W, out=self.dh)
                if at_every_step:
                    self.dh += dh[t - 1]
        return self.dW, self.dU


class RecurrentLayer(Layer):
    """``h_t = phi(a_t)`` (Goodfellow, Bengio and Courville, *Deep Learning*, equations 10.8 and 10.9).

    Parameters
    ----------
    activation : {"tanh", "sigmoid", "relu"}
    *sizes
        As of `Layer`.
    """

    def __init__(self, activation: str, *sizes: int):
        super().__init__(*sizes)
        self._phi, self._phi_back = NONLINEARITIES[activation]

    def _step(self, t, a):
        self._phi(a, out=self.h[t + 1])

    def _step_back(self, t):
        self._phi_back(self.dh, self.h[t + 1], grad_input=self.a[t])


class LSTMLayer(Layer):
    """Long short-term memory with a forget gate, gates in torch's order (``torch.nn.LSTM``): i, f, g, o.

    ``c_t = f c_{t-1} + i g`` and ``h_t = o tanh(c_t)``, where i, f, o are sigmoids and g a tanh of their a_t.
    There is one b; torch has two that are always added.
    """

    gates = 4

    def __init__(self, *sizes: int):
        super().__init__(*sizes)
        self.c = torch.zeros_like(self.h)
        self.tanh_c = torch.empty_like(self.h)
        self.dc, self.spare = torch.empty_like(self.dh), torch.empty_like(self.dh)

    def _step(self, t, a):
        n = self.units
        a[..., : 2 * n].sigmoid_()
        a[..., 2 * n : 3 * n].tanh_()
        a[..., 3 * n :].sigmoid_()
        i, f, g, o = a.chunk(4, -1)  # a_t holds the gates from here on
        torch.mul(f, self.c[t], out=self.c[t + 1]).addcmul_(i, g)
        torch.tanh(self.c[t + 1], out=self.tanh_c[t + 1])
        torch.mul(o, self.tanh_c[t + 1], out=self.h[t + 1])

    def _step_back(self, t):
        if t == len(self.a) - 1:
            self.dc.zero_()
        sigmoid_back, tanh_back = NONLINEARITIES["sigmoid"][1], NONLINEARITIES["tanh"][1]
        i, f, g, o = self.a[t].chunk(4, -1)
        dc, spare = self.dc, self.spare
        torch.mul(self.dh, o, out=spare)
        dc += tanh_back(spare, self.tanh_c[t + 1], grad_input=spare)
        self.dh *= self.tanh_c[t + 1]
        sigmoid_back(self.dh, o, grad_input=o)
        dg, dc_before = dc * i, dc * f
        torch.mul(dc, g, out=spare)
        sigmoid_back(spare, i, grad_input=i)
        torch.mul(dc, self.c[t], out=spare)
        sigmoid_back(spare, f, grad_input=f)
        tanh_back(dg, g, grad_input=g)
        dc.copy_(dc_before)
