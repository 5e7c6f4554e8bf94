"""Signatures, against the examples of Pusher's documentation."""

from hotelmate.channels import tokens
from tests.channels.running import APP


def test_a_private_channels_signature_is_the_documented_one() -> None:
    signature = tokens.channel_signature(APP.secret, socket_id="1234.1234", channel="private-foobar")
    assert signature == "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"


def test_a_presence_channels_signature_covers_the_channel_data_as_it_stands() -> None:
    signature = tokens.channel_signature(
        APP.secret,
        socket_id="1234.1234",
        channel="presence-foobar",
        channel_data='{"user_id":10,"user_info":{"name":"Mr. Channels"}}',
    )
    assert signature == "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80"


def test_a_sign_ins_signature_is_the_documented_one() -> None:
    signature = tokens.user_signature(APP.secret, socket_id="1234.1234", user_data='{"id":"12345"}')
    assert signature == "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba"


def test_a_requests_signature_is_the_documented_one() -> None:
    signature = tokens.request_signature(
        APP.secret,
        method="POST",
        path="/apps/3/events",
        parameters=[
            ("auth_version", "1.0"),
            ("body_md5", "ec365a775a4cd0599faeb73354201b6f"),
            ("auth_key", "278d425bdf160c739803"),
            ("auth_timestamp", "1353088179"),
        ],
    )
    assert signature == "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"


def test_the_body_digest_of_the_documented_request_is_the_documented_one() -> None:
    body = b'{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}'
    assert tokens.body_digest(body) == "ec365a775a4cd0599faeb73354201b6f"
