"""Exchange documents with an agency through queues of its RabbitMQ (AMQP 0-9-1).

Address: `amqps://host/vhost?take=queue&give=exchange:routing-key`, with the secret `user:password`; `address.py` has
every parameter. Handed over: when the broker confirms that the message, persistent, is in at least one queue. Twice:
`message_id` is the delivery's id, the same at each repeat, and the consumer drops what it has; the broker's own
deduplication plugin finds it in `x-deduplication-header`.

Coming in: a message is acknowledged after it is recorded, and rejected after its refusal was published.

    adapter.py      the adapter: address, check, deliver, listen
    address.py      what an address and a secret say
    line.py         a kept connection, publishing with confirms
    taking.py       out of the agency's queue
    letters.py      a document and a refusal as messages
    words.py        what can go wrong, in two languages

The hub's own broker (`hub/broker`) is another thing, and may be another RabbitMQ. For people: docs/adapters/amqp.md.
"""

from adapters.amqp.adapter import AmqpAdapter

__all__ = ["AmqpAdapter"]
