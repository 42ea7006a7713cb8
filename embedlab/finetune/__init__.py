"""Fine-tuning: is training on my own labels worth it? `decision.finetune` answers, all in one.

`cases` says what is learnt and what is held out, `data` and `batches` on what a model is trained and in which order,
`recipe` how. `runs` begins a training, in a process of its own, and knows how each stands, stops and deletes it.
`worker` is that process, `train` what it does: the only module here that needs torch, with `losses`.
`frozen`, `compared`, `pairs` and `forgetting` measure; `advice` says what to do, `card` what is written down.
"""
