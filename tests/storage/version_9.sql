-- What a file of schema 9 has in it: that of version_8.sql, and the tables of projects.
BEGIN TRANSACTION;
create table job(
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
create unique index job_by_key on job(account, key) where key is not null;
create index job_active on job(number) where ended is null;
create index job_by_end on job(ended) where ended is not null;
create table job_event(
    job integer not null references job(number) on delete cascade,
    attempt integer not null,
    seq integer not null,                -- of the last event of this row
    events text not null,                -- JSON: [[attempt, seq, name, data] ...]
    primary key(job, attempt, seq)
) without rowid;
create table journal(
    number integer primary key,
    events text not null                 -- JSON: [[job, [[attempt, ...] ...]] ...]
);
create table account(
    id text primary key,
    name text not null,
    created integer not null,
    settings text not null default '{}'  -- JSON
);
insert into account(id, name, created) values ('', 'This computer', 0);
create table conversation(
    number integer primary key,
    id text not null unique,
    account text not null default '' references account(id),
    title text not null,
    named integer not null default 0,    -- 1: by a person
    created integer not null,
    updated integer not null,            -- when something was last said in it
    pinned integer not null default 0,
    archived integer not null default 0,
    unread integer not null default 0,
    deleted integer,                     -- when it went into the bin
    active text,                         -- the message that the branch in view ends with
    settings text not null default '{}', -- JSON
    source text,                         -- where it was imported from, and its id there
    source_id text,
    revision integer not null default 0  -- grows with each change of it or its messages
);
create unique index conversation_by_source on conversation(account, source, source_id)
where source is not null;
create index conversation_by_time
on conversation(account, archived, pinned, updated, number)
where deleted is null;
create index conversation_in_bin on conversation(deleted) where deleted is not null;
create table message(
    number integer primary key,
    id text not null unique,
    conversation integer not null references conversation(number) on delete cascade,
    parent text,                         -- null: it begins a branch of its own
    role text not null,                  -- system, user, assistant, tool
    content text not null default '',
    reasoning text not null default '',
    state text not null,                 -- running, done, error, cancelled
    finish_reason text,
    error text,                          -- JSON: code, message, retryable
    model text,
    endpoint text,
    job text,                            -- the last one that wrote it
    parameters text not null default '{}', -- JSON
    usage text,                          -- JSON
    timings text,                        -- JSON
    tool_calls text,                     -- JSON
    attachments text,                    -- JSON: [{file, name, type, size} ...]
    created integer not null,
    edited integer,
    source_id text,
    revision integer not null            -- of the conversation, when it was last changed
);
create index message_by_conversation on message(conversation, number, revision);
create index message_by_parent on message(conversation, parent);
create index message_by_model on message(model, conversation) where model is not null;
create index message_by_job on message(job) where job is not null;
create index message_running on message(conversation) where state = 'running';
create table file(
    id text primary key,                 -- SHA-256 of its content, in hex
    size integer not null,
    type text not null,
    created integer not null
);
create table message_file(
    message integer not null references message(number) on delete cascade,
    file text not null references file(id),
    primary key(message, file)
) without rowid;
create index message_file_by_file on message_file(file);
create virtual table conversation_text using fts5(
    title, content='conversation', content_rowid='number', tokenize='trigram'
);
create virtual table message_text using fts5(
    content, content='message', content_rowid='number', tokenize='trigram'
);
create trigger conversation_named after insert on conversation begin
    insert into conversation_text(rowid, title) values (new.number, new.title);
end;
create trigger conversation_renamed after update of title on conversation
when old.title is not new.title begin
    insert into conversation_text(conversation_text, rowid, title)
    values ('delete', old.number, old.title);
    insert into conversation_text(rowid, title) values (new.number, new.title);
end;
create trigger conversation_gone after delete on conversation begin
    insert into conversation_text(conversation_text, rowid, title)
    values ('delete', old.number, old.title);
end;
create trigger message_said after insert on message when new.state <> 'running' begin
    insert into message_text(rowid, content) values (new.number, new.content);
end;
create trigger message_changed after update of content, state on message
when old.content is not new.content or (old.state = 'running') <> (new.state = 'running')
begin
    insert into message_text(message_text, rowid, content)
    select 'delete', old.number, old.content where old.state <> 'running';
    insert into message_text(rowid, content)
    select new.number, new.content where new.state <> 'running';
end;
create trigger message_gone after delete on message when old.state <> 'running' begin
    insert into message_text(message_text, rowid, content)
    values ('delete', old.number, old.content);
end;
create table statistic(
    account text not null,
    quarter integer not null,            -- the begin of 15 minutes in which answers ended
    model text not null,
    endpoint text not null,
    answers integer not null,
    failed integer not null,
    prompt_tokens integer not null,
    cached_tokens integer not null,
    completion_tokens integer not null,
    first_seconds real not null,         -- sum of the times to the first text
    first_count integer not null,
    writing_seconds real not null,       -- sum of the times after the first text
    writing_tokens integer not null,
    primary key(account, quarter, model, endpoint)
) without rowid;
INSERT INTO job VALUES(1,'first','','k1','{"messages":[{"role":"user","content":"hi"}],"model":null,"parameters":{}}','d1','local','m','done',0,1700000000000,1700000001000);
INSERT INTO job VALUES(2,'second','','k2','{"messages":[{"role":"user","content":"ho"}],"model":null,"parameters":{}}','d2','local','m','queued',0,1700000002000,NULL);
INSERT INTO job_event VALUES(1,4294967295,0,'[[1,0,"status",{"state":"running"}],[1,1,"delta",{"text":"Hello"}],[4294967295,0,"done",{"finish_reason":"stop"}]]');
INSERT INTO journal VALUES(1,'[[2,[[1,0,"status",{"state":"running"}],[1,1,"delta",{"text":"Half"}]]]]');
INSERT INTO conversation(number,id,title,created,updated) VALUES(1,'chat','Greetings',1700000000000,1700000002000);
INSERT INTO message(number,id,conversation,parent,role,content,state,model,endpoint,job,usage,timings,created,revision) VALUES
(1,'q1',1,NULL,'user','hi','done',NULL,NULL,NULL,NULL,NULL,1700000000000,1),
(2,'a1',1,'q1','assistant','Hello','done','m','local','first','{"prompt_tokens":20,"completion_tokens":11,"cached_tokens":5}','{"queue_seconds":0.0,"first_token_seconds":0.5,"total_seconds":2.5}',1700000000001,1),
(3,'a2',1,'q1','assistant','','error','m','local','gone',NULL,NULL,1700000000500,1),
(4,'q2',1,'a1','user','ho','done',NULL,NULL,NULL,NULL,NULL,1700000002000,1),
(5,'a3',1,'q2','assistant','','running','m','local','second',NULL,NULL,1700000002001,1);
INSERT INTO statistic VALUES
('',1699999200000,'m','local',2,1,20,5,11,0.5,1,2.0,10);
update account set settings = '{"theme":"dark","prompts":[{"name":"Short","text":"In one sentence: "},{"name":"Ünï","text":"a\nb"}]}';
create table api_key(
    id text primary key,
    account text not null default '' references account(id) on delete cascade,
    name text not null,
    hash blob not null unique,           -- SHA-256 of the key, which is nowhere
    ending text not null,                -- its last characters, to tell it from others
    created integer not null,
    used integer
) without rowid;
create index api_key_by_account on api_key(account, created);
create table prompt(
    number integer primary key,
    id text not null unique,
    account text not null default '' references account(id),
    name text not null,
    text text not null,
    updated integer not null
);
create index prompt_by_account on prompt(account, number);
create table preset(
    number integer primary key,
    id text not null unique,
    account text not null default '' references account(id),
    name text not null,
    icon text not null default '',       -- an emoji or a few letters
    colour text not null default 'grey',
    starters text not null default '[]', -- JSON
    settings text not null default '{}', -- JSON
    updated integer not null
);
create index preset_by_account on preset(account, number);
insert into prompt(id, account, name, text, updated)
select lower(hex(randomblob(22))), account.id, json_extract(value, '$.name'),
    json_extract(value, '$.text'), 0
from account, json_each(account.settings, '$.prompts') order by account.id, key;
update account set settings = json_remove(settings, '$.prompts');
create table tool_approval(
    account text not null default '' references account(id) on delete cascade,
    server text not null,
    tool text not null,                  -- empty: all tools of the server
    digest text not null,                -- of what was allowed
    created integer not null,
    primary key(account, server, tool)
);
create table file_holder(
    account text not null default '' references account(id) on delete cascade,
    file text not null references file(id) on delete cascade,
    created integer not null,
    primary key(account, file)
) without rowid;
create index file_holder_by_file on file_holder(file);
insert into file_holder(account, file, created) select '', id, created from file;
update job set key = null where account <> '' and key in (
    select key from job where key is not null group by key having count(*) > 1
);
update job set account = '' where account <> '';
create index job_by_account on job(account, number);
insert into statistic
select '', quarter, model, endpoint, sum(answers), sum(failed), sum(prompt_tokens),
    sum(cached_tokens), sum(completion_tokens), sum(first_seconds), sum(first_count),
    sum(writing_seconds), sum(writing_tokens)
from statistic where account <> '' group by quarter, model, endpoint
on conflict do update set
    answers = answers + excluded.answers,
    failed = failed + excluded.failed,
    prompt_tokens = prompt_tokens + excluded.prompt_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens,
    first_seconds = first_seconds + excluded.first_seconds,
    first_count = first_count + excluded.first_count,
    writing_seconds = writing_seconds + excluded.writing_seconds,
    writing_tokens = writing_tokens + excluded.writing_tokens;
delete from statistic where account <> '';
create table share(
    number integer primary key,
    id text not null unique,
    account text not null default '' references account(id) on delete cascade,
    conversation integer not null references conversation(number) on delete cascade,
    hash blob not null unique,           -- SHA-256 of the token, which is nowhere
    title text not null,
    created integer not null,
    expires integer,
    reasoning integer not null,
    files integer not null,              -- 1: they can be fetched by the link, too
    document text not null               -- JSON: what the link shows
);
create index share_by_account on share(account, created);
create index share_by_conversation on share(conversation);
create index share_by_end on share(expires) where expires is not null;
create table share_file(
    share integer not null references share(number) on delete cascade,
    number integer not null,             -- by which the link calls it
    file text not null references file(id),
    name text not null,
    primary key(share, number)
) without rowid;
create index share_file_by_file on share_file(file);
create table project(
    number integer primary key,
    id text not null unique,
    account text not null default '' references account(id) on delete cascade,
    source_id text,                      -- its id where it was imported from, if another
    place integer not null,              -- in the order of the account
    name text not null,
    updated integer not null,
    icon text not null default '',       -- an emoji or a few letters
    colour text not null default 'grey',
    system text not null default '',     -- comes before that of a conversation
    model text,
    preset text
);
create index project_by_account on project(account, place, number);
create table project_file(
    project integer not null references project(number) on delete cascade,
    file text not null references file(id),
    name text not null,
    place integer not null,
    primary key(project, file)
) without rowid;
create index project_file_by_file on project_file(file);
alter table conversation
add column project text references project(id) on delete set null;
create index conversation_by_project
on conversation(project, deleted, archived, pinned, updated, number)
where project is not null;
COMMIT;
pragma user_version = 9;
