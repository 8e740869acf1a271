"""The loading scripts of SmartLite: tables, rows, copies, settings, as ClickHouse takes them.

One script, run statement by statement on both engines; each statement sees what those before it did.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.engines import Engines

TOP = (1 << 256) - 1
SCRIPT = f"""
CREATE TABLE IF NOT EXISTS bit_input (bit_1 UInt32, bit_2 UInt32, PRIMARY KEY (bit_1, bit_2)) ENGINE = MergeTree
CREATE TABLE IF NOT EXISTS bit_input(bit_1 UInt32,bit_2 UInt32,PRIMARY KEY(bit_1,bit_2)) ENGINE=MergeTree()
create table if not exists bit_output1 (bit_1 UInt32, bit_2 UInt32) engine=Memory
create table if not exists bit_output2 (bit_1 UInt32, bit_2 UInt32) engine=Memory()
INSERT INTO bit_input VALUES (3,2),(1,2),(2,2),(1,1)
insert into bit_input (bit_2, bit_1) values (7,0)
OPTIMIZE TABLE bit_input FINAL
optimize table bit_input final;
select * from bit_input
INSERT INTO bit_output1 SELECT * FROM bit_input
select * from bit_output1
DROP TABLE IF EXISTS m2_conv
CREATE TABLE IF NOT EXISTS m2_conv (bit_1 UInt32, bit_2 float, bit_3 float, PRIMARY KEY(bit_1)) ENGINE = MergeTree
CREATE TABLE IF NOT EXISTS m2_pool (bit_1 UInt32, bit_2 FLOAT) ENGINE = MergeTree PRIMARY KEY bit_1 ORDER BY bit_1
CREATE TABLE IF NOT EXISTS m2_pool2 (bit_1 UInt32, bit_2 Float32) ENGINE = MergeTree ORDER BY (bit_1)
CREATE TABLE m2_pool3 (bit_1 UInt32) ENGINE = MergeTree() ORDER BY bit_1 PRIMARY KEY bit_1
INSERT INTO m2_conv VALUES (1, 0.5, -1), (0, 1e3, 1.)
OPTIMIZE TABLE m2_conv FINAL
CREATE TABLE IF NOT EXISTS m2_conv_mem ENGINE = Memory AS SELECT * FROM m2_conv
CREATE TABLE IF NOT EXISTS m2_conv_mem2 (bit_1 UInt32, bit_2 float, bit_3 float) ENGINE = Memory AS SELECT * FROM m2_conv
CREATE TABLE IF NOT EXISTS m2_conv_mem3 (bit_1 UInt8, b Float64, c float) ENGINE = Memory AS SELECT * FROM m2_conv
select * from m2_conv_mem
select * from m2_conv_mem2
select * from m2_conv_mem3
DESCRIBE TABLE m2_conv_mem
create table m4_linear (i1 UInt256, w1 UInt256, i2 UInt64, w2 UInt64, primary key (i1)) engine=MergeTree
insert into m4_linear values ({TOP}, 1, 2, 3)
select * from m4_linear
select lookup(i1, w1) + lookup(i2, w2) > 160 ? 1 : 0 from m4_linear
create table k (kid2 UInt16, kv2 Array(UInt256), primary key(kid2)) engine=MergeTree
insert into k values (1, [1,2,3]), (0, []), (2, [{TOP}])
select kid2, kv2[1], kv2[2], kv2[100], kv2[-1] from k
create table k2 (pool2 UInt8, kid2 UInt8, kv2 Array(UInt256), PRIMARY KEY (pool2, kid2)) ENGINE=MergeTree
create table kln (kv1 Array(UInt256), PRIMARY KEY (kv1)) ENGINE=MergeTree
insert into kln values ([2,1]), ([1,5]), ([1]), ([]), ([{TOP}])
select * from kln
create table if not exists kln_2 engine=Memory as select kv1 from kln
create table if not exists t_l2 engine=Memory as select sum(bit_1) from bit_input
create table if not exists t_l3 engine=Memory as select *  from bit_input, (select kid2 from k)
select * from t_l3
create table t_l4 engine=Memory as (select * from bit_input)
create table comm_1 (id UInt32, element Int8, weight Int8, primary key id) engine=MergeTree
create table comm_2 (id UInt32, element Int8, weight Int8, primary key(nope)) engine=MergeTree
create table comm_3 (id UInt32) engine=MergeTree
create table comm_4 (id UInt32) engine=MergeTree order by tuple()
create table comm_5 (id UInt32 primary key) engine=MergeTree
create table comm_6 (id string) engine=Memory
create table comm_7 (id UInt32)
drop table if exists comm_1, comm_4
drop table if exists comm_9;
drop table comm_9
SET max_memory_usage=5368709120
SET max_memory_usage = 5368709120;
set max_memory_usage=5368709120, max_threads=1
set max_memory_usage='5G'
set nope=1
select 1 settings max_memory_usage=5368709120
select value from system.settings where name='max_memory_usage'
exists table bit_input
show tables like 'bit%'
"""


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        both.oracle.query("CREATE FUNCTION lookup AS (a, b) -> bitCount(bitXor(a, b))")
        yield both


def test_every_statement_of_a_loading_script_answers_as_clickhouse(engines: Engines) -> None:
    found = [engines.difference(sql, is_ordered=True) for sql in SCRIPT.strip().splitlines()]
    assert not "\n".join(filter(None, found))
