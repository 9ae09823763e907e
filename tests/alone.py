"""One network trained alone, as a reader would write it in torch: what a member of an ensemble must equal."""

from functools import partial

import torch


class SigmoidRNN(torch.nn.RNN):
    """torch's RNN knows tanh and ReLU only."""

    def forward(self, inputs):
        h, states = inputs.new_zeros(len(inputs), self.hidden_size), []
        for x in inputs.unbind(1):
            h = torch.sigmoid(
                x @ self.weight_ih_l0.T + self.bias_ih_l0 + h @ self.weight_hh_l0.T + self.bias_hh_l0
            )
            states.append(h)
        return torch.stack(states, 1), h


class Alone(torch.nn.Module):
    """What a reader would write: torch's layers (one bias kept at 0), clip_grad_norm_ and an optimizer."""

    def __init__(self, task, weights, cell, activation, member, optimizer="sgd"):
        super().__init__()
        self.task, self.member = task, member
        n = weights["W"].shape[1]
        kinds = {"lstm": torch.nn.LSTM, "sigmoid": SigmoidRNN, "tanh": torch.nn.RNN}
        kinds["relu"] = partial(torch.nn.RNN, nonlinearity="relu")
        self.recurrent = kinds[cell if cell == "lstm" else activation](task.inputs, n, batch_first=True)
        rows = [weights[name] for name in ("R", "V") if name in weights]
        linear = [torch.nn.Linear(row.shape[1] - 1, row.shape[0]) for row in rows]
        self.output = torch.nn.Sequential(
            *(linear if len(linear) == 1 else [linear[0], torch.nn.ReLU(), linear[1]])
        )
        with torch.no_grad():
            self.recurrent.weight_hh_l0.copy_(torch.tensor(weights["W"]))
            self.recurrent.weight_ih_l0.copy_(torch.tensor(weights["U"][:, :-1]))
            self.recurrent.bias_ih_l0.copy_(torch.tensor(weights["U"][:, -1]))
            self.recurrent.bias_hh_l0.zero_()  # there is one b
            self.recurrent.bias_hh_l0.requires_grad_(False)
            for layer, row in zip(linear, rows, strict=True):
                layer.weight.copy_(torch.tensor(row[:, :-1]))
                layer.bias.copy_(torch.tensor(row[:, -1]))
        self.to(torch.get_default_dtype())
        kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
        self.hidden = [p for p in self.recurrent.parameters() if p.requires_grad]
        self.optimizer = kind([*self.hidden, *self.output.parameters()], member.learning_rate)

    def update(self, inputs, targets):
        inputs, targets = torch.as_tensor(inputs), torch.as_tensor(targets)
        number = torch.get_default_dtype()
        states = self.recurrent(inputs.to(number))[0]
        outputs = self.output(states if self.task.every_step else states[:, -1])
        loss = self.task.loss(outputs, targets.to(number) if targets.is_floating_point() else targets).mean()
        self.optimizer.zero_grad()
        loss.backward()
        clip, threshold = torch.nn.utils.clip_grad_norm_, self.member.threshold
        if self.member.clip in ("hidden", "both"):
            clip(self.hidden, threshold)
        if self.member.clip in ("output", "both"):
            clip(self.output.parameters(), threshold)
        if self.member.clip == "joint":
            clip([*self.hidden, *self.output.parameters()], threshold)
        self.optimizer.step()
        return loss.item()
