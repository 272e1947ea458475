-- What a file of schema 1 has in it: an answer that is complete, and one that is not.
BEGIN TRANSACTION;
CREATE TABLE job(
            number integer primary key,
            id text not null unique,
            account text not null default '',
            key text,                            -- the Idempotency-Key
            request text not null,               -- JSON
            digest text not null,                -- of the request, to compare repeated ones
            endpoint text not null,
            model text not null,
            state text not null,                 -- queued, done, error, cancelled
            attempt integer not null default 0,
            created integer not null,            -- ms since the epoch, as all times
            ended integer
        );
INSERT INTO "job" VALUES(1,'first','','k1','{"messages":[{"role":"user","content":"hi"}],"model":null,"parameters":{}}','d1','local','m','done',0,1700000000000,1700000001000);
INSERT INTO "job" VALUES(2,'second','','k2','{"messages":[{"role":"user","content":"ho"}],"model":null,"parameters":{}}','d2','local','m','queued',0,1700000002000,NULL);
CREATE TABLE job_event(
            job integer not null references job(number) on delete cascade,
            attempt integer not null,
            seq integer not null,                -- of the last event of this row
            events text not null,                -- JSON: [[attempt, seq, name, data] ...]
            primary key(job, attempt, seq)
        ) without rowid
        ;
INSERT INTO "job_event" VALUES(1,4294967295,0,'[[1,0,"status",{"state":"running"}],[1,1,"delta",{"text":"Hello"}],[4294967295,0,"done",{"finish_reason":"stop"}]]');
CREATE TABLE journal(
            number integer primary key,
            events text not null                 -- JSON: [[job, [[attempt, ...] ...]] ...]
        );
INSERT INTO "journal" VALUES(1,'[[2,[[1,0,"status",{"state":"running"}],[1,1,"delta",{"text":"Half"}]]]]');
CREATE UNIQUE INDEX job_by_key on job(account, key) where key is not null;
CREATE INDEX job_active on job(number) where ended is null;
CREATE INDEX job_by_end on job(ended) where ended is not null;
COMMIT;
pragma user_version = 1;
