"""`run.py webhook`: endpoints come, are tried, and go."""

from contextlib import closing

from standardwebhooks import Webhook

from server.embedded.mongod import OwnMongod
from tests.fake_basket import Basket, said
from tests.shell_commands import Shell


def test_an_endpoint_from_add_to_remove(mongod: OwnMongod) -> None:
    env = {
        "AMOEBA_MONGODB_URI": mongod.uri,
        "AMOEBA_MONGODB_DATABASE": "webhook_command",
        "AMOEBA_SECRET_KEY": "seals the secrets of webhooks",
    }
    shell = Shell(env=env | {"AMOEBA_WEBHOOK_PRIVATE": "true", "AMOEBA_WEBHOOK_TIMEOUT": "1"})
    with closing(Basket()) as receiver:
        url = f"{receiver.url}/hook"
        added = shell("webhook", "add", url, "--event", "version.*", "--event", "addon.deleted")
        id, secret = (line.partition(": ")[2] for line in added.splitlines())
        assert shell("webhook", "test", id).startswith("200 in ")
        [arrival] = receiver.arrivals
        assert Webhook(secret).verify(arrival.text, dict(arrival.headers))["type"] == "webhook.test"
        listed = shell("webhook", "list")
        assert listed == f"{id}  {url}  addon.deleted, version.*  enabled  0 waiting" and secret not in listed
        assert secret not in shell("webhook", "rotate", id)
        receiver.answer = said(500)
        assert shell("webhook", "test", id, status=1).startswith("500 in ")
    shell("webhook", "test", id, status=1)
    assert "no answer" in shell.error
    assert shell("webhook", "status") == "0 pending, 0 parked"
    Shell(env=env)("webhook", "add", url, status=1)
    shell("webhook", "add", "https://example.org/", "--event", "addon.eaten", status=1)
    assert "addon.eaten" in shell.error and "addon.created" in shell.error
    assert shell("webhook", "disable", id) and "disabled: by run.py" in shell("webhook", "list")
    assert shell("webhook", "enable", id) and shell("webhook", "remove", id).endswith("0 waiting events")
    shell("webhook", "remove", id, status=1)
    assert shell("webhook", "list") == "" and shell("webhook", "drop") == "0 dropped"
