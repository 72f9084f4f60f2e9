"""What stands between this machine and the providers: proxies, authorities, portals, clocks. Each is a sentence."""

import datetime
import subprocess

import pytest

from ControlPlane.plane import Answer


def by_name(hosting, **changes) -> dict:
    """The environment in which the control plane is reached by its public name, through the proxy and TLS."""
    base = "CLOUDFLARE_API_BASE_URL" if hosting.provider == "cloudflare" else "DENO_DEPLOY_API_BASE_URL"
    return {base: f"https://{hosting.api_host}{hosting.plane.base}", "CODEX_REMOTE_TIME_FACTOR": "0.1", **changes}


def failed(hosting, **changes) -> str:
    """What a deploy that must fail says in the end; it made nothing."""
    done = hosting.run("--provider", hosting.provider, "--yes", "--no-login", **changes)
    assert done.returncode == 1, done.stdout + done.stderr
    assert hosting.relays == []
    sentence = done.stderr.strip().splitlines()[-1]
    assert sentence.endswith("."), sentence
    return sentence


def answers(hosting, answer: Answer):
    """The control plane's name leads to something else, which answers this."""
    def answered(_):
        return answer
    hosting.plane.answer = answered


def test_the_environments_proxy_and_authorities_are_used(either):
    assert either.deploy("--no-login", **by_name(either))["origin"] == either.origin
    assert either.plane.requests


def test_an_authority_that_is_not_known(either):
    said = failed(either, **by_name(either, SSL_CERT_FILE=None, CURL_CA_BUNDLE=None))
    assert "not trusted" in said and "SSL_CERT_FILE" in said and either.plane.requests == []


def test_a_proxy_that_does_not_let_through(either):
    said = failed(either, **by_name(either, HTTPS_PROXY="http://127.0.0.1:9"))
    assert "127.0.0.1" in said or "proxy" in said.lower()
    either.api_host = "nowhere.acme.workers.dev"
    base = "CLOUDFLARE_API_BASE_URL" if either.provider == "cloudflare" else "DENO_DEPLOY_API_BASE_URL"
    said = failed(either, **by_name(either, **{base: "https://elsewhere.example/api"}))
    assert "proxy" in said and "HTTPS_PROXY" in said


@pytest.mark.parametrize("days", [-30, 30])
def test_a_clock_that_is_wrong(either, days):
    """To this machine the certificate is over, or not valid yet: which of the two clocks is wrong it cannot know."""
    start = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    form = "%Y%m%d%H%M%SZ"
    folder = either.edge.authority.parent
    (folder / "index").write_text("")
    (folder / "ca.conf").write_text(
        "[ca]\ndefault_ca = it\n[it]\ndatabase = index\nnew_certs_dir = .\nrand_serial = yes\npolicy = any\n"
        "default_md = sha256\n[any]\ncommonName = optional\n")
    subprocess.run(
        ["openssl", "ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "edge.csr",
         "-startdate", start.strftime(form), "-enddate", (start + datetime.timedelta(days=2)).strftime(form),
         "-extfile", "edge.ext", "-out", "edge.pem", "-notext"], check=True, capture_output=True, cwd=folder)
    either.edge.context.load_cert_chain(folder / "edge.pem", folder / "edge.key")
    said = failed(either, **by_name(either))
    assert "not valid at this machine's time" in said and "clock" in said


def test_a_page_that_asks_for_a_human(either):
    answers(either, Answer(403, b"<!doctype html><title>Just a moment...</title>",
                            {"content-type": "text/html", "cf-mitigated": "challenge", "cf-ray": "8f00-FRA"}))
    said = failed(either)
    assert "human" in said and "8f00-FRA" in said and "another network" in said


def test_a_captive_portal(either):
    answers(either, Answer(200, b"<!doctype html><title>Welcome to our hotel</title>", {"content-type": "text/html"}))
    said = failed(either)
    assert "portal" in said and "sign in to the network" in said and either.token not in said


def test_a_redirect_is_not_followed_with_the_token(either, make):
    other = make(either.provider)
    answers(either, Answer(302, b"", {"location": other.plane.url + "/accounts", "content-type": "text/html"}))
    failed(either)
    assert other.plane.requests == []


def test_a_body_that_is_cut_off(either):
    answers(either, Answer(200, b'{"success": true, "result": [{"id', {"content-type": "application/json"}))
    assert "form" in failed(either)


def test_an_answer_without_an_end(either):
    answers(either, Answer(200, b" " * (9 << 20), {"content-type": "application/json"}))
    assert "too large" in failed(either)


def test_ctrl_c_ends_at_once(either):
    """While the platform does not answer; the next run goes on."""
    met = []

    def stalls(n, _):
        met.append(n)
        return "timeout" if n == 2 else None
    either.plane.fault = stalls
    child = either.start("--provider", either.provider, "--yes", "--no-login")
    while 2 not in met and child.poll() is None:
        pass_a_moment(child)
    child.send_signal(2)
    child.wait(60)
    assert child.returncode in (-2, 130)
    child.communicate()
    either.plane.fault = lambda n, request: None
    assert either.deploy("--no-login")["origin"] == either.origin and either.relays == ["codex-remote"]


def pass_a_moment(child):
    try:
        child.wait(0.02)
    except subprocess.TimeoutExpired:
        pass
