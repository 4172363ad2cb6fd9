/** What is ours, on a real server: lists, people, links, names. */

import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { PlaylistClosed, RequestRefused } from "../../src/errors.js";
import { guest } from "../../src/guest.js";
import type { Tutti } from "../../src/tutti.js";
import { connect } from "../../src/way-in.js";
import { Serving } from "../serving.js";

let serving: Serving;

before(async () => {
  serving = await Serving.start();
});

after(() => serving.clear());

async function join(test: TestContext, name: string): Promise<Tutti> {
  const person = await guest(serving.url, name);
  const tutti = await connect(serving.url, { token: person.token, webSocket: WebSocket });
  test.after(() => tutti.close({ discard: true }));
  return tutti;
}

test("playlists are made, listed by page, and left", async test => {
  const ada = await join(test, "Ada");
  const library = await ada.library();
  assert.deepEqual(await library.playlists(), { items: [], offset: 0, total: 0 });
  for (const name of ["One", "Two", "Three"]) {
    await library.createPlaylist(name);
  }
  const { items, total } = await library.playlists({ limit: 2, offset: 1 });
  assert.equal(total, 3);
  assert.equal(items.length, 2);
  const [first] = items;
  assert.deepEqual([first?.role, first?.owner.name, first?.tracks.total], ["owner", "Ada", 0]);
  await library.leavePlaylist(first?.id ?? "");
  assert.equal((await library.playlists()).total, 2);
});

test("a file becomes a playlist, and a playlist a file", async test => {
  const library = await (await join(test, "Ada")).library();
  const file = new Blob(["#EXTM3U\n#EXTINF:1,Ada - One\nmbid:one\n#EXTINF:1,Bob - Two\nmusic/two.mp3\n"]);
  const { playlist, report } = await library.importPlaylist(file, "Friday");
  assert.equal(playlist.name, "Friday");
  assert.deepEqual([report.entries, report.imported, report.leftOut], [2, 1, 1]);
  assert.deepEqual(
    report.unmatched.map(({ title, artists, isKept }) => [title, artists, isKept]),
    [
      ["Two", ["Bob"], false],
      ["One", ["Ada"], true],
    ],
  );
  const xspf = new TextDecoder().decode(await library.exportPlaylist(playlist.id, "xspf"));
  assert.match(xspf, /<title>One<\/title>/);
  await assert.rejects(library.importPlaylist(new Blob(["<playlist>"])), RequestRefused);
});

test("a link lets somebody in, with a role that owners change", async test => {
  const ada = await join(test, "Ada");
  const ben = await join(test, "Ben");
  const [hers, his] = [await ada.library(), await ben.library()];
  const { id } = await hers.createPlaylist("Friday");
  await assert.rejects(ben.openPlaylist(id), PlaylistClosed);
  const made = await hers.invite(id, "viewer");
  assert.deepEqual(
    (await hers.invites(id)).map(invite => [invite.id, invite.role]),
    [[made.id, "viewer"]],
  );
  assert.deepEqual(await his.acceptInvite(made.secret), { playlist: id, role: "viewer" });
  assert.equal((await ben.openPlaylist(id)).role, "viewer");
  await hers.setRole(id, ben.userId, "editor");
  const people = await hers.members(id);
  assert.deepEqual(people.map(({ name, role }) => [name, role]).sort(), [
    ["Ada", "owner"],
    ["Ben", "editor"],
  ]);
  await hers.removeMember(id, ben.userId);
  assert.equal((await his.playlists()).total, 0);
});

test("a link that was taken back opens nothing", async test => {
  const ada = await join(test, "Ada");
  const ben = await join(test, "Ben");
  const hers = await ada.library();
  const { id } = await hers.createPlaylist("Friday");
  const { id: invite, secret } = await hers.invite(id, "editor");
  await hers.revokeInvite(id, invite);
  assert.deepEqual(await hers.invites(id), []);
  await assert.rejects((await ben.library()).acceptInvite(secret), RequestRefused);
});

test("Jams are listed with who steers them", async test => {
  const ada = await join(test, "Ada");
  const jam = await ada.startJam({ name: "Saturday" });
  const { items } = await (await ada.library()).jams();
  assert.deepEqual(
    items.map(({ id, name, status, role, people, host }) => [id, name, status, role, people, host.name]),
    [[jam.id, "Saturday", "live", "host", 1, "Ada"]],
  );
});

test("whoever deletes themselves is nobody, and what others share goes on", async test => {
  const ada = await join(test, "Ada");
  const ben = await join(test, "Ben");
  const [hers, his] = [await ada.library(), await ben.library()];
  const { id } = await hers.createPlaylist("Friday");
  await his.acceptInvite((await hers.invite(id, "editor")).secret);
  const known = JSON.parse(new TextDecoder().decode(await hers.exportMe()));
  assert.deepEqual([known.profile.name, known.playlists[0].id], ["Ada", id]);
  await assert.rejects(hers.deleteMe(ben.userId), RequestRefused);
  await hers.deleteMe(ada.userId);
  await assert.rejects(hers.playlists(), RequestRefused);
  assert.deepEqual(
    (await his.members(id)).map(({ name, role }) => [name, role]),
    [["Ben", "owner"]],
  );
});

test("a new name is written as the server writes names", async test => {
  const library = await (await join(test, "Ada")).library();
  assert.equal(await library.rename("  Ada   Lovelace "), "Ada Lovelace");
  await assert.rejects(library.rename(" "), RequestRefused);
});
