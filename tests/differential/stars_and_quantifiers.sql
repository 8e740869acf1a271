SELECT * EXCEPT ('a|b') FROM (SELECT 1 a, 2 b, 3 c)
SELECT * EXCEPT (a) FROM (SELECT 1 a, 2 b, 3 c)
SELECT * EXCEPT (a,b,c) FROM (SELECT 1 a, 2 b, 3 c)
SELECT * EXCEPT (z) FROM (SELECT 1 a, 2 b, 3 c)
SELECT * EXCEPT a FROM (SELECT 1 a, 2 b, 3 c)
SELECT * REPLACE (a+1 AS a) FROM (SELECT 1 a, 2 b, 3 c)
SELECT * REPLACE (a+1 AS z) FROM (SELECT 1 a, 2 b, 3 c)
SELECT 3 != ALL (SELECT number FROM numbers(3))
SELECT 3 != ANY (SELECT number FROM numbers(3))
SELECT 3 < SOME (SELECT number FROM numbers(6))
SELECT 3 <= ALL (SELECT number FROM numbers(0))
SELECT 3 = ALL (SELECT 3 FROM numbers(3))
SELECT 3 = ALL (SELECT number FROM numbers(3))
SELECT 3 = ANY (SELECT number FROM numbers(5))
SELECT 3 > ALL (SELECT number FROM numbers(3))
SELECT 3 > ANY (SELECT number FROM numbers(3))
SELECT number FROM numbers(10) OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY
SELECT number FROM numbers(10) ORDER BY number FETCH NEXT 1 ROW ONLY
SELECT number FROM numbers(10) ORDER BY number%3 OFFSET 1 ROW FETCH FIRST 2 ROWS WITH TIES
SELECT number FROM numbers(6) WHERE number > ANY (SELECT number+2 FROM numbers(3))
SELECT number n FROM numbers(6) WHERE n = ANY (SELECT m.number FROM numbers(9) m WHERE m.number*2=n)
SELECT number, toDate('2020-03-31') - INTERVAL number MONTH AS d FROM numbers(3) WHERE d > toDate('2020-01-01') + INTERVAL 1 WEEK
SELECT t.* EXCEPT a FROM (SELECT 1 a, 2 b, 3 c) t
SELECT toDate('2020-01-01') + (INTERVAL 1 DAY + INTERVAL 2 MONTH)
SELECT toDate('2020-01-01') + (INTERVAL 1 DAY, INTERVAL 2 MONTH)
SELECT toDate('2020-03-31') + -INTERVAL 1 MONTH
SELECT toDate('2020-03-31') + INTERVAL 1 MONTH - INTERVAL 2 DAY + 3
SELECT toDate('2020-03-31') - (INTERVAL 1 DAY + INTERVAL 1 MONTH)
SELECT toTypeName(3 > ALL (SELECT number FROM numbers(3)))
WITH INTERVAL 1 MONTH AS m SELECT toDate('2020-01-31') + m, m + toDate('2020-01-31'), toDate('2020-01-31') - m
SELECT number FROM numbers(10) ORDER BY number FETCH FIRST 3 ROWS ONLY
SELECT t.* EXCEPT (a), u.* EXCEPT a FROM (SELECT 1 a, 2 b) t JOIN (SELECT 1 a, 3 c) u ON t.a = u.a
SELECT * EXCEPT (b) FROM (SELECT 1 a, 2 b) EXCEPT SELECT 7
SELECT * FROM (SELECT 1 a) EXCEPT SELECT 1
SELECT * REPLACE (toString(a) || 'x' AS a) FROM (SELECT number a, number * 2 b FROM numbers(3)) WHERE a > 0 ORDER BY b DESC
SELECT * EXCEPT b FROM (SELECT number % 2 a, number b FROM numbers(6)) GROUP BY ALL ORDER BY a
SELECT max(a) FROM (SELECT * REPLACE (a * 10 AS a) FROM (SELECT number a FROM numbers(4)))
SELECT count(), number < ALL (SELECT number + 2 FROM numbers(4)) AS small FROM numbers(6) GROUP BY small ORDER BY small
SELECT 1 = ANY (SELECT NULL), 2 > ANY (SELECT toNullable(1))
SELECT NOT 3 = ANY (SELECT 1) AND 2 >= ALL (SELECT 2)
SELECT * REPLACE (a * 10 AS a) FROM (SELECT number a, number * 2 b FROM numbers(3)) WHERE a > 0 ORDER BY b DESC
SELECT * APPLY(sum) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY sum FROM (SELECT 1 AS a, 2 AS b)
SELECT COLUMNS('a') APPLY(toString) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY(x -> x + 1) FROM (SELECT 1 AS a, 2 AS b)
SELECT * EXCEPT(a) APPLY(max) FROM (SELECT 1 AS a, 2 AS b)
SELECT * REPLACE(a+1 AS a) APPLY(toString) APPLY(length) FROM (SELECT 1 AS a, 2 AS b)
SELECT t.* APPLY(quantiles(0.5)) FROM (SELECT 1 AS a, 2 AS b) t
SELECT * APPLY(toString), a FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY(toString) FROM (SELECT 1 AS a, 2 AS b) ORDER BY a
SELECT * APPLY(x -> if(x > 1, 'big', 'small')) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY((x) -> x * 2) EXCEPT (a) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY(x -> x * 2) REPLACE (7 AS a) FROM (SELECT 1 AS a, 2 AS b)
SELECT * REPLACE(toString(a) AS a) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY(round, 2) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY(quantile(0.5)) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY sum EXCEPT a FROM (SELECT 1 AS a, 2 AS b)
SELECT count(* APPLY(toString)) FROM (SELECT 1 AS a)
SELECT tuple(* APPLY(toString)) FROM (SELECT 1 AS a, 3 AS b)
SELECT a apply FROM (SELECT 1 AS a, 3 AS b)
SELECT * APPLY(x -> sum(x)) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY(x -> sum(x) OVER ()) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY(x -> x + a) FROM (SELECT 1 AS a, 2 AS b)
SELECT * APPLY(toString), 5 AS a FROM (SELECT 1 AS a)
SELECT * APPLY(x -> x + 1) FROM (SELECT 1 AS a) t JOIN (SELECT 1 AS a, 3 AS b) u ON t.a = u.a
SELECT u.* APPLY(sum) FROM (SELECT 1 AS a) t JOIN (SELECT 1 AS a, 3 AS b) u ON t.a = u.a
SELECT * APPLY(x -> arrayMap(x -> x * 2, [x])) FROM (SELECT 1 AS a)
SELECT * APPLY(x -> arrayMap(y -> y * x, [1, 2])) FROM (SELECT 3 AS a)
SELECT number % 2 AS k, COLUMNS('v') APPLY(sum) APPLY(x -> x * 10) FROM (SELECT number, number AS v, 2 * number AS vv FROM numbers(5)) GROUP BY k ORDER BY k
SELECT * APPLY(sum) FROM (SELECT 1 AS a) GROUP BY a
SELECT * FROM (SELECT * APPLY(toString) FROM (SELECT 1 AS a))
SELECT * APPLY(uniqExact) APPLY(toTypeName) FROM (SELECT 1 AS a, 'x' AS b)
SELECT * APPLY(countIf(1)) FROM (SELECT 1 AS a)
WITH 3 AS z SELECT * APPLY(x -> x + z) FROM (SELECT 1 AS a)
SELECT DISTINCT * APPLY(x -> x % 2) FROM numbers(5)
SELECT * APPLY(max) FROM numbers(5) HAVING max(number) > 3
SELECT max(number) AS m, * APPLY(max) FROM numbers(5)
