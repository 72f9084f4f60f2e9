"""DEV ONLY adapter of the throw-away Python anchor."""
import sys, asyncio
sys.path.insert(0,'/tmp/e2e')
import pyanchor
class Anchor:
    def __init__(s, folder, workspace, origin):
        s.a=pyanchor.Anchor(origin,int(origin.rsplit(':',1)[1]),folder/'codex',workspace)
    name="pyanchor"
    async def login(s, account):
        await s.a.codex()
        await s.a.login(lambda c: account.post('/api/code/approve',code=c))
        return s
    async def start(s): s.t=asyncio.create_task(s.a.loop())
    def memory(s): return 0
    async def clean(s):
        s.t.cancel(); s.a.proc.kill(); await s.a.proc.wait()
