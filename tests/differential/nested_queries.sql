select (select 1) as x, toTypeName(x)
select (select max(number) from numbers(10)) as m, m + 1 as n, toTypeName(n)
select (select 1 where 0) as x, toTypeName(x)
select (select [1, 2]) as x, toTypeName(x)
select (select 1, 'a') as x
select (select 1 as a, 'b' as c) as x, x.a as y
select number from numbers(5) where number in (select number + 2 from numbers(5))
select number from numbers(5) where number not in (select number + 2 from numbers(5))
select number from numbers(5) where (number, 1) in (select number + 1, 1 from numbers(2))
select 1 as a, (select a) as b
with (select 5) as x select x, (select x + 1) as y
with t(a, b) as (select 1, 2) select a, b, t.b from t where (a, b) in t
with t as (select 1 as a) select 1 in t as x, 2 in t as y
select number from numbers(10) limit (select 3)
select arrayMap(x -> x in (select 1), [1, 2]) as r
select 1 in (select '1') as a, 1 in (select 1.0) as b, -1 in (select 255) as c, 256 in (select toUInt8(0)) as d, 1 in (select 'a') as e
select 'a' in (select 1) as a, 1.5 in (select 1) as b, 1.0 in (select 1) as c
select x, x in (select arrayJoin([1, NULL])) as r, toTypeName(r), x not in (select arrayJoin([1, NULL])) as q from (select arrayJoin([1, 2, NULL]) as x)
select x, x in (select 1 where 0) as r, x not in (select 1 where 0) as q from (select arrayJoin([1, 2, NULL]) as x)
select 1 in (select NULL) as a, toTypeName(a), (1, NULL) in (select 1, NULL) as b
select NULL in (select 1) as a, toTypeName(a)
select exists (select 1) as a, not exists (select 1) as b, exists (select 1 where 0) as c, toTypeName(a)
select 1 global in (select 1) as a, 1 global not in (select 1) as b
select sum((select 2)) as s from numbers(3)
select number, count() as c from numbers(3) as t group by number having number in (select 1)
select number % 2 as k, count() as c from numbers(5) group by k, (select 1) order by k
select 'x' in ('x', (select 'y')) as a, 1 in ((select 1), 2) as b
select 1 in (select 1 union all select 2) as a
with [1, 2] as s select 1 in s as a
select number, (select sum(n.number) from numbers(5) as n where n.number < t.number) as c, toTypeName(c) from numbers(4) as t order by number
select number, (select max(n.number) from numbers(5) as n where n.number = t.number) as c, toTypeName(c) from numbers(7) as t order by number
select number, (select n.number from numbers(2) as n where n.number = t.number) as c, toTypeName(c) from numbers(3) as t order by number
select number, exists (select n.number, 1 from numbers(2) as n where n.number = t.number) as c, toTypeName(c) from numbers(3) as t order by number
select number from numbers(9) as t where exists (select 1 from numbers(5) as n where n.number * 2 = t.number) order by number
select number from numbers(9) as t where not exists (select 1 from numbers(5) as n where n.number * 2 = t.number) order by number
select number from numbers(9) as t where number > (select avg(n.number) from numbers(20) as n where n.number % 9 = t.number) order by number
select number, (select t.number + 1 where t.number > 1) as x from numbers(3) as t order by number
select number, (select t.number) as x from numbers(3) as t order by number
SELECT (SELECT 1) FROM (SELECT 1 AS x)
SELECT (SELECT 1) FROM (SELECT 1 AS x) AS t
SELECT (SELECT 1), (SELECT (SELECT 2)), (SELECT 3)
WITH t AS (SELECT 1) SELECT (SELECT 1) FROM t
WITH t AS (SELECT 1) SELECT (SELECT * FROM t), (SELECT 2) FROM t AS q
SELECT (SELECT 1) WHERE 1 IN (SELECT 1) AND EXISTS (SELECT 1)
SELECT (SELECT 1), (SELECT 1)
SELECT exists(SELECT number FROM numbers(3) WHERE number = t.number), (SELECT 1) FROM numbers(2) AS t
SELECT (SELECT 1), count() FROM numbers(3) GROUP BY (SELECT 1)
SELECT EXISTS(SELECT 1 WHERE 0), EXISTS(SELECT 1), number IN (SELECT 2) FROM numbers(1)
SELECT (SELECT sum(t.number) FROM numbers(3)) AS x FROM numbers(2) AS t
SELECT NOT EXISTS(SELECT 1), number FROM numbers(1) WHERE EXISTS (SELECT 1)
SELECT 1 IN (SELECT 1), (SELECT 5) + 1
SELECT * FROM (SELECT (SELECT 1))
SELECT count() FROM numbers(3) HAVING (SELECT 1) = 1
WITH t AS (SELECT 1 AS a) SELECT a IN t, a IN (t), (SELECT 1) FROM t
