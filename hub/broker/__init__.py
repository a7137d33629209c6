"""What wakes the workers. The broker carries ids only; the database holds the truth.

`base` is the contract, `memory` the embedded default, `amqp` RabbitMQ. Losing a ticket, or the whole broker, costs a
second: the workers' sweep finds in the database what no ticket named.
"""
