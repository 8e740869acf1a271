select number % 2 as a, count() from numbers(0) group by a with rollup
select number % 2 as a, count() from numbers(0) group by cube(a)
select number % 2 as a, count() from numbers(0) group by grouping sets ((a), ())
select count() from numbers(0) group by grouping sets (())
select number % 2 as a, number % 3 as b, count(), grouping(a), grouping(b), grouping(a,b) from numbers(6) group by rollup(a, b)
select number % 2 as a, number % 3 as b, count(), grouping(a,b) from numbers(6) group by cube(a, b)
select number % 2 as a, count() from numbers(4) group by grouping sets ((a), (a), ())
select number % 2 as a, count() from numbers(4) group by a with rollup settings group_by_use_nulls=1
select number % 2 as k, k + 1 as l, toString(k) || 'x' from numbers(4) group by rollup(k) settings group_by_use_nulls=1
select a, b, sum(c) from (select number % 2 as a, toString(number % 3) as b, number as c from numbers(60)) group by cube(a, b) settings group_by_use_nulls=1
select grouping(number) from numbers(3) group by number
select grouping(number) from numbers(3)
select grouping(number + 1) from numbers(3) group by rollup(number)
select number % 2 as k, sum(number), grouping(k) + 1 from numbers(4) group by grouping sets (k, ()) having grouping(k) = 1
select number % 2 as k, sum(number) from numbers(4) group by rollup(k) order by grouping(k), k
select grouping(k), number % 2 as k from numbers(4) group by rollup(k) settings force_grouping_standard_compatibility=0
select number % 2 as k, k, sum(k) from numbers(4) group by rollup(k)
select number % 2 as a, number % 3 as b, count() from numbers(6) group by rollup((a, b))
select number % 2 as a, number % 3 as b, count() from numbers(6) group by grouping sets ((a, b), a)
select number % 2 as a, number % 3 as b, count() from numbers(6) group by 1, 2 with cube
select number % 2 as a, number % 3 as b, count() from numbers(6) group by rollup(1, 2)
select a, b, c, count(), sum(n), grouping(a, b, c) from (select number % 2 as a, number % 3 as b, toString(number % 5) as c, number as n from numbers(100)) group by cube(a, b, c)
select a, count() from (select toNullable(number % 3) as a from numbers(9)) group by rollup(a)
select a, count() from (select number % 3 as a from numbers(9)) group by rollup(a) having a = 0
select a, b, count() from (select number % 3 as a, number % 2 as b from numbers(9)) group by rollup(a, b) having a = 1 and b = 0
select * from (select number % 3 as a, count() as c from numbers(9) group by rollup(a)) where a = 0
select number from numbers(10) limit 2 by number % 2
select number from numbers(10) order by number desc limit 2 offset 1 by number % 3
select number from numbers(10) limit 1, 2 by number % 3
select number from numbers(10) order by number desc limit -2
select number from numbers(10) limit -2 offset -3
select number from numbers(10) limit -2 offset 3
select number from numbers(10) limit -20 offset 3
select number from numbers(10) limit -2 offset 9
select number from numbers(10) limit -2 offset 30
select number from numbers(10) limit 20 offset -30
select number from numbers(10) limit 0.2
select number from numbers(10) limit 0.25
select number from numbers(10) limit 0.25 offset 0.5
select number from numbers(10) offset 0.5
select number from numbers(10) limit 3 offset 0.5
select number from numbers(10) limit 0.01
select number from numbers(9) limit 0.5
select number from numbers(9) offset 0.5
select number from numbers(10) limit 1.5
select number from numbers(10) limit -0.5
select number from numbers(10) limit 2 offset -3
select number from numbers(10) offset -3
select number from numbers(10) limit -1 by number % 2
select number from numbers(10) limit 1 offset -1 by number % 2
select number from numbers(10) limit 0.5 by number % 2
select number from numbers(10) order by number % 3, number limit -2
select number from numbers(10) order by number desc limit -2 offset -1 by number % 2
select number % 3 as a from numbers(10) order by a limit 2 with ties
select number % 3 as a from numbers(10) order by a limit 2, 1 with ties
select number % 3 as a from numbers(10) order by a desc limit -2 with ties
select number % 3 as a from numbers(10) limit 2 with ties
select number % 3 as k, count() as c from numbers(10) group by k order by c desc, k limit 1 by c
select number from numbers(10) limit 1 by 1
select number from numbers(10) limit 1 by a
select number as a from numbers(4) limit 2 by a % 2 limit 3
select count() c, number % 3 as k from numbers(10) group by k limit 1 by count()
select number, number % 2 from numbers(10) limit 1 by all
select distinct on (number % 3) number, number % 2 from numbers(10)
select distinct on (number % 3, number % 2) number from numbers(10) order by number desc
select distinct on (a) number % 3 as a, number as b from numbers(10) order by b desc
select distinct on (number % 3) number from numbers(10) limit 1 by number % 2
select distinct number % 2 as a, number % 3 as b from numbers(10) order by a, b limit 1 by b
select 1 union select 1
select 1 union distinct select 1
select 1 intersect select 1
select 1 except select 2
select number % 3 from numbers(6) intersect all select number % 2 from numbers(4)
select number % 3 from numbers(6) intersect distinct select number % 2 from numbers(4)
select number % 3 from numbers(6) except all select number % 2 from numbers(3)
select number % 3 from numbers(6) except select number % 2 from numbers(3)
select number % 3 as x from numbers(6) except distinct select 1
select 1 intersect distinct select 1 union all select 2
select 1 union all select 2 union distinct select 1
select 1 union distinct select 1 union all select 1
select 1 union all select 1 union distinct select 1 union all select 1
select 1, 2 union distinct select 1
select 1 intersect select 1.0
select 1 except select NULL
select NULL intersect select NULL
select NULL union distinct select NULL
select nan union distinct select nan
select 1 union select 1 settings union_default_mode='DISTINCT'
select 1 union select 1 settings union_default_mode='ALL'
select 1 union select 1 union all select 1 settings union_default_mode='DISTINCT'
select 1 union all select 1 union select 1 settings union_default_mode='ALL'
select 1 union distinct select 1 union select 1 union all select 1 settings union_default_mode='ALL'
select number % 2 from numbers(4) intersect select 0 settings intersect_default_mode='DISTINCT'
select number % 2 from numbers(4) except select 5 settings except_default_mode='DISTINCT'
select * from (select number % 2 as a from numbers(4) intersect select 0) where a = 0
select * from (select number as a, number * 2 as b from numbers(9) except select 4, 8) where b > 10
select a from (select number as a, number % 2 as b from numbers(9) union distinct select 4, 8) where b = 1
select b from (select number as a, number % 2 as b from numbers(9) except distinct select 4, 0)
(select 1 union all select 2) intersect (select 2 union all select 3)
select 1 union all (select 2 except select 2)
select 1 as a, 'x' as b union distinct select 2, NULL union distinct select 1, 'x'
select count() from (select number from numbers(10) union distinct select number from numbers(5, 10))
with x as (select 1 as a) select a from x union distinct select a from x intersect select 1
select e from (select [1,2] as arr) array join arr as e
select arr, e from (select [1,2] as arr) array join arr as e
select arr from (select [1,2] as arr) array join arr
select arr, e from (select [1,2] as arr union all select []) left array join arr as e
select a, b from (select [1,2] as a, [3,4] as b) array join a, b
select a, b from (select [1,2] as a, [3] as b) array join a, b
select a, b, n from (select [1,2] as a, [3,4] as b) array join a, b, arrayEnumerate(a) as n
select a.1, a.2 from (select [(1,2),(3,4)] as a) array join a
select e, f from (select [[1,2],[3]] as a) array join a as e array join e as f
select e, number from numbers(2) array join [1,2] as e where e > 1
select e, number from numbers(2) array join range(number + 1) as e
select 1 from numbers(2) array join [1, 2]
select `[1, 2]` from numbers(1) array join [1, 2]
select * from (select [1,2] as a, 1 as b) array join a
select * from (select [1,2] as a, 1 as b) array join a as e
select e, t.a from (select [1,2] as a, 1 as b) t array join t.a as e
select number from numbers(1) array join number
select x from (select [toNullable(1), NULL] as x) array join x
select x from (select []::Array(String) as x) left array join x
select x from (select []::Array(Nullable(Int8)) as x) left array join x
select a as z, z from (select [1,2] as a) array join a
select arr, e + 1 as f from (select [1,2] as arr) array join arr as e order by f desc
select a from (select [1,2] as a) array join a as a
select e, count() from (select range(number) as r from numbers(6)) array join r as e group by e
select e, s, count() from (select range(number % 4) as r, toString(number % 3) as s from numbers(20)) left array join r as e where s != '1' group by rollup(e, s)
with [1, 2] as xs select x, number from numbers(2) array join xs as x
select arrayJoin([1,2,3]) as x
select arrayJoin([1,2]) as x, arrayJoin([1,2]) as y
select arrayJoin([1,2]) as x, arrayJoin([3,4]) as y
select arrayJoin([1,2]) as x where x > 1
select arrayJoin(range(number)) as x, number from numbers(4)
select sum(arrayJoin([1,2,3]))
select arrayJoin(groupArray(number)) from numbers(3)
select arrayJoin([1,2]) + 1, count() group by 1
select count() from numbers(3) where arrayJoin([0,1])
select arrayJoin(arrayJoin([[1,2],[3]]))
select arrayJoin(1)
select arrayJoin([])
select arrayJoin(emptyArrayUInt8())
select arrayJoin([1, NULL, 2]) as a order by a nulls first
select arrayJoin([1, NULL, 2]) as a order by a desc nulls first
select arrayJoin([1, nan, 2]) as a order by a nulls first
select arrayJoin(groupArray(number)) as x, count() as c from numbers(3) having c > 2 order by x desc limit 2
select number % 2 as k, arrayJoin(groupArray(number)) as x from numbers(5) group by k
with recursive t as (select 1 as n union all select n + 1 from t where n < 5) select * from t
with recursive t as (select 1 as n union all select n + 1 from t) select count() from t
with recursive t as (select 1 as n union distinct select n + 1 from t where n < 3) select * from t
with recursive t as (select 1 as n) select * from t
with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select sum(n) from t
with recursive t as (select 1 as n, 'a' as s union all select n + 1, s || 'b' from t where n < 4) select * from t
with recursive t as (select toUInt64(1) as n union all select n * 3 from t where n < 500) select * from t
with recursive t as (select 250 as n union all select n + 1 from t where n < 260) select n, toTypeName(n) from t
with recursive t as (select 1 as n union all select a.n + b.n from t a, t b where a.n < 5) select * from t
with t as (select 1 as n union all select n + 1 from t) select * from t
with t(a, b) as (select 1, 2) select a, b from t
with t(a) as (select 1, 2) select a from t
with recursive t as (select 1 as n union all select n + 1 from t where n < 3 union all select n + 10 from t where n < 3) select * from t
with recursive t as (select 1 as n union all select n + 1 from t) select * from t limit 3
with recursive t as (select 1 as n union all select n + 1 from t where n < 50) select count() from t settings max_recursive_cte_evaluation_depth=5
with recursive t as (select number as n from numbers(3) union all select max(n) + 1 from t having max(n) < 6) select * from t
with recursive t as (select 1 as n union all select n + 1 from t where n < 5) select a.n, b.n from t a join t b on a.n = b.n
with recursive e as (select 0 as a, 1 as b union all select 1, 2 union all select 2, 0), r as (select a, b, 1 as d from e where a = 0 union all select r.a, e.b, d + 1 from r join e on r.b = e.a where d < 4) select * from r
with t as (select number as n from numbers(3)) select * from t a, t b where a.n < b.n
with a as (select 1 as x), b as (select x + 1 as x from a) select * from b union all select * from a
SELECT 7 DIV 2, -7 DIV 2, 7 MOD 3, 7 % 3, 7.5 DIV 2
select CAST(-1 AS UNSIGNED), CAST(3.7 AS SIGNED), toTypeName(CAST(1 as SIGNED)), toTypeName(cast(1 as unsigned))
select 1 DIV 0, 1 % 0
select * from (select 1 as a) order by a nulls first
select date '1998-12-01' - interval '90' day, toTypeName(date '1998-12-01' - interval '90' day)
select toDate('2020-01-31') + interval 1 month, toDate('2020-01-31') - interval 1 year, toDate('2020-01-01') + interval 1 hour, interval 1 day + toDate('2020-01-01')
select toDate('2020-01-31') + interval 3 quarter + interval 2 week
select toDate('2020-01-31') + interval number day from numbers(2)
select toDate('2020-01-31') + toIntervalDay(2)
select date '2020-01-01' + interval '1 month'
select toDateTime('2020-01-31 00:00:00') - interval 5 minute, toDateTime('2020-01-31 00:00:00') + interval 1 month
select NULL + interval 1 day
select toDate('2020-01-31') - toNullable(number) * 1 + interval number month from numbers(3)
select sum(number), toTypeName(sum(number)) from numbers(0)  settings aggregate_functions_null_for_empty=1
select sum(number), count(), min(number), groupArray(number), sumIf(number, number > 5), countIf(0), avg(number), uniqExact(number), any(toString(number)) from numbers(3) settings aggregate_functions_null_for_empty=1
select toTypeName(sum(number)), toTypeName(count()), toTypeName(min(number)), toTypeName(groupArray(number)), toTypeName(sumIf(number, number > 5)), toTypeName(avg(number)), toTypeName(uniqExact(number)), toTypeName(countIf(number>1)), toTypeName(sum(distinct number)) from numbers(3) settings aggregate_functions_null_for_empty=1
select number % 3 as k, sumIf(number, number > 5) from numbers(8) group by k settings aggregate_functions_null_for_empty=1
select argMin(number, number), corr(number, number), quantile(0.5)(number), median(number), groupBitXor(number), stddevPop(number), varSamp(number), max(toString(number)), topK(2)(number), anyLast(number), groupUniqArray(number) from numbers(0) settings aggregate_functions_null_for_empty=1
select cast(toNullable(1) as UInt16), toTypeName(cast(toNullable(1) as UInt16)), toTypeName(cast(NULL as UInt16)), toTypeName(cast(toNullable(1), 'String')), toTypeName(toUInt16(toNullable(1))) settings cast_keep_nullable=1
select cast(NULL as UInt16) settings cast_keep_nullable=1
select cast(NULL as SIGNED) settings cast_keep_nullable=1
select cast([toNullable(1)] as Array(Int8)) settings cast_keep_nullable=1
select toTypeName(toNullable(1)::Int8), toTypeName(cast(toNullable(1) as Nullable(Int8))), toTypeName(cast(1 as Int8)) settings cast_keep_nullable=1
select number + 1 as number, number * 2 from numbers(3) settings prefer_column_name_to_alias=1
select max(number) as number, max(number) from numbers(3) settings prefer_column_name_to_alias=1
select avg(number) as number, max(number) from numbers(3) settings prefer_column_name_to_alias=0
select -number as number from numbers(3) where number > 0 settings prefer_column_name_to_alias=1
select number % 2 as number, count() from numbers(3) group by number settings prefer_column_name_to_alias=1
select number + 1 as x, x * 2 from numbers(3) settings prefer_column_name_to_alias=1
