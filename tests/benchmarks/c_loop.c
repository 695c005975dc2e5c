/* What the machine can do: the same four writes as `wacli ingest` (raw notification, message with its dedupe key,
 * thread clocks of whoever wrote), prepared statements, 1,000 messages a transaction, no Python. The contact is found
 * by the identifiers that a notification gives. argv: store, rows, contacts.
 * Prints wall and CPU seconds. Built by tests/benchmarks/ingest.py where a compiler and sqlite3.h are installed. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static sqlite3 *db;
static uint64_t state = 88172645463325252ULL;

static uint64_t next(void) {
  state ^= state << 13; state ^= state >> 7; state ^= state << 17;
  return state;
}
static void run(const char *sql) {
  if (sqlite3_exec(db, sql, 0, 0, 0) != SQLITE_OK) { fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db)); exit(1); }
}
static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, 0) != SQLITE_OK) { fprintf(stderr, "%s\n", sqlite3_errmsg(db)); exit(1); }
  return statement;
}
static void step(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) { fprintf(stderr, "%s\n", sqlite3_errmsg(db)); exit(1); }
  sqlite3_reset(statement);
}
static int64_t next_id(const char *sql) {
  sqlite3_stmt *statement = prepare(sql);
  sqlite3_step(statement);
  int64_t id = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return id + 1;
}
int main(int argc, char **argv) {
  if (argc < 4 || sqlite3_open(argv[1], &db) != SQLITE_OK) return 1;
  int rows = atoi(argv[2]), contacts = atoi(argv[3]);
  run("PRAGMA journal_mode=WAL"); run("PRAGMA synchronous=NORMAL"); run("PRAGMA foreign_keys=ON");
  run("PRAGMA wal_autocheckpoint=60000"); run("PRAGMA cache_size=-32000");
  sqlite3_stmt *raw = prepare("INSERT OR IGNORE INTO notifications (id, seat, digest, received_at, applied_at, body) VALUES (?,?,?,?,?,?)");
  sqlite3_stmt *message = prepare("INSERT OR IGNORE INTO messages (id, seat, wamid, source, thread_id, number_id, party_id, notification_id, "
    "direction, origin, kind, at, text, reply_to, target, media, referral, group_id, is_sample, reported_status) "
    "VALUES (?,?,?,3,?,1,?,?,'inbound','api','text',?,?,NULL,NULL,NULL,NULL,NULL,0,NULL)");
  sqlite3_stmt *clocks = prepare("UPDATE threads SET last_at=?1, last_inbound_at=?1, last_opener_at=?1, closes_at=?1+86400, last_text=?2, "
    "last_kind='text', last_direction='inbound', unanswered_count=unanswered_count+1, waiting_since=coalesce(waiting_since, ?1) WHERE id=?3");
  int64_t raw_id = next_id("SELECT coalesce(max(id), 0) FROM notifications"), id = next_id("SELECT coalesce(max(id), 0) FROM messages");
  sqlite3_stmt *who = prepare("SELECT p.id, t.id FROM parties p JOIN threads t ON t.contact_id = p.contact_id AND t.number_id = 1 "
    "WHERE p.key = ?");
  char body[704], wamid[80], digest[16], key[64];
  const char *text = "Terima kasih, saya tunggu ya";
  memset(body, 'x', sizeof body);
  struct timespec from, until;
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (int row = 0; row < rows; row++) {
    if (row % 1000 == 0) run("BEGIN IMMEDIATE");
    int64_t at = 1795348800 + row / 3, contact = next() % contacts;
    snprintf(key, sizeof key, "62811%08lld|ID.%lld|", (long long)contact, 1000000000000000LL + (long long)contact);
    sqlite3_bind_text(who, 1, key, -1, SQLITE_STATIC);
    if (sqlite3_step(who) != SQLITE_ROW) { fprintf(stderr, "nobody is known as %s\n", key); exit(1); }
    int64_t party = sqlite3_column_int64(who, 0), thread = sqlite3_column_int64(who, 1);
    sqlite3_reset(who);
    snprintf(wamid, sizeof wamid, "wamid.HBgN%016llX%016llXAA==", (unsigned long long)next(), (unsigned long long)next());
    memcpy(digest, wamid + 10, 16); memcpy(body, wamid, 46);
    sqlite3_bind_int64(raw, 1, raw_id + row); sqlite3_bind_int64(raw, 2, (at / 60) << 32 | (next() >> 32));
    sqlite3_bind_blob(raw, 3, digest, 16, SQLITE_STATIC); sqlite3_bind_int64(raw, 4, at);
    sqlite3_bind_int64(raw, 5, at); sqlite3_bind_blob(raw, 6, body, sizeof body, SQLITE_STATIC); step(raw);
    sqlite3_bind_int64(message, 1, id + row); sqlite3_bind_int64(message, 2, (int64_t)next());
    sqlite3_bind_text(message, 3, wamid, -1, SQLITE_STATIC); sqlite3_bind_int64(message, 4, thread);
    sqlite3_bind_int64(message, 5, party); sqlite3_bind_int64(message, 6, raw_id + row);
    sqlite3_bind_int64(message, 7, at); sqlite3_bind_text(message, 8, text, -1, SQLITE_STATIC); step(message);
    sqlite3_bind_int64(clocks, 1, at); sqlite3_bind_text(clocks, 2, text, -1, SQLITE_STATIC);
    sqlite3_bind_int64(clocks, 3, thread); step(clocks);
    if (row % 1000 == 999) run("COMMIT");
  }
  if (!sqlite3_get_autocommit(db)) run("COMMIT");
  run("PRAGMA wal_checkpoint(PASSIVE)");
  clock_gettime(CLOCK_MONOTONIC, &until);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%.6f %.6f\n", (until.tv_sec - from.tv_sec) + (until.tv_nsec - from.tv_nsec) / 1e9,
         usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
  sqlite3_close(db);
  return 0;
}
