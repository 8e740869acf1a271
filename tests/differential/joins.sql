CREATE TABLE t (a UInt8, i UInt16, x String) ENGINE = MergeTree ORDER BY tuple()
CREATE TABLE u (a Int32, j UInt16, x String) ENGINE = MergeTree ORDER BY tuple()
CREATE TABLE n (a Nullable(UInt8), k UInt16) ENGINE = MergeTree ORDER BY tuple()
INSERT INTO t VALUES (1, 10, 'p'), (1, 11, 'q'), (2, 12, 'r'), (3, 13, 's'), (0, 14, 'z')
INSERT INTO u VALUES (1, 100, 'p'), (2, 101, 'r'), (2, 102, 'r2'), (4, 103, 'v'), (-1, 104, 'w')
INSERT INTO n VALUES (1, 1), (NULL, 2), (4, 3)
SELECT * FROM (SELECT 1 AS a, 2 AS b) AS l JOIN (SELECT 1 AS a, 3 AS c) AS r USING a
SELECT * FROM (SELECT 1 AS a, 2 AS b) JOIN (SELECT 1 AS a, 3 AS c) USING a
SELECT * FROM n AS n1 FULL JOIN n AS n2 ON n1.a = n2.a
SELECT * FROM n AS n1 FULL JOIN n AS n2 USING (a)
SELECT * FROM n AS n1 FULL JOIN u USING (a)
SELECT * FROM n AS n1 JOIN n AS n2 ON n1.a <=> n2.a
SELECT * FROM n AS n1 JOIN n AS n2 ON n1.a IS NOT DISTINCT FROM n2.a
SELECT * FROM n AS n1 LEFT JOIN n AS n2 USING (a)
SELECT * FROM n LEFT JOIN t USING a
SELECT * FROM n, t JOIN u ON t.a=u.a AND n.k=1
SELECT * FROM n, t LEFT JOIN u ON t.a=u.a
SELECT * FROM t ANTI JOIN u USING a
SELECT * FROM t ANY JOIN u ON t.a = u.a
SELECT * FROM t ANY LEFT JOIN u ON t.a=u.aSETTINGS join_use_nulls=1
SELECT * FROM t ANY RIGHT JOIN u ON t.a=u.a
SELECT * FROM t AS t1, t AS t2 WHERE t1.a = t2.a AND t1.i < t2.i
SELECT * FROM t CROSS JOIN u JOIN n ON n.a=t.a
SELECT * FROM t FULL ANY JOIN u ON t.a=u.a
SELECT * FROM t FULL JOIN n ON t.a=n.a
SELECT * FROM t FULL JOIN n USING a
SELECT * FROM t FULL JOIN u ON 0
SELECT * FROM t FULL JOIN u ON t.a = u.a WHERE t.a = 0
SELECT * FROM t FULL JOIN u ON t.a = u.a WHERE t.i < 12 SETTINGS join_use_nulls = 1
SELECT * FROM t FULL JOIN u ON t.a = u.a WHERE t.i > 10
SELECT * FROM t FULL JOIN u ON t.a = u.a WHERE t.i > 10 AND u.j > 100
SELECT * FROM t FULL JOIN u ON t.a = u.a WHERE u.j > 100
SELECT * FROM t FULL JOIN u USING (a)
SELECT * FROM t FULL JOIN u USING (a) SETTINGS join_use_nulls=1
SELECT * FROM t INNER JOIN u ON t.a = u.a LEFT JOIN n ON n.k = t.a RIGHT JOIN u AS u2 ON u2.a = n.k
SELECT * FROM t JOIN u ON (t.a, t.x) = (u.a, u.x)
SELECT * FROM t JOIN u ON 1
SELECT * FROM t JOIN u ON a=j
SELECT * FROM t JOIN u ON t.a = t.i
SELECT * FROM t JOIN u ON t.a = u.a = 1
SELECT * FROM t JOIN u ON t.a=1
SELECT * FROM t JOIN u ON t.a=u.a AND count()=1
SELECT * FROM t JOIN u ON t.a=u.a AND t.a=1 AND u.j IN (100)
SELECT * FROM t JOIN u ON t.a=u.a JOIN n ON a = n.k
SELECT * FROM t JOIN u ON t.a=u.a JOIN n ON j = n.k+99
SELECT * FROM t JOIN u ON t.a=u.a JOIN n ON n.a=u.a
SELECT * FROM t JOIN u ON t.a=u.a JOIN u AS u2 USING (x)
SELECT * FROM t JOIN u ON t.x=u.a
SELECT * FROM t JOIN u USING (a)
SELECT * FROM t JOIN u USING (a) JOIN n ON n.k=t.a
SELECT * FROM t JOIN u USING (a) JOIN n USING (a)
SELECT * FROM t JOIN u USING (a, x)
SELECT * FROM t JOIN u USING (b)
SELECT * FROM t JOIN u USING (i)
SELECT * FROM t JOIN u USING (x)
SELECT * FROM t JOIN u USING (x) JOIN n USING (a)
SELECT * FROM t JOIN u USING (x, a)
SELECT * FROM t JOIN u USING(a) JOIN u AS u2 USING (x)
SELECT * FROM t LEFT ANTI JOIN u ON t.a=u.a AND t.x=u.x
SELECT * FROM t LEFT ANTI JOIN u ON t.a=u.aSETTINGS join_use_nulls=1
SELECT * FROM t LEFT JOIN (SELECT 1 AS a, [1] AS arr) AS v USING (a) SETTINGS join_use_nulls=1
SELECT * FROM t LEFT JOIN (SELECT a, count() AS c FROM u GROUP BY a) AS g ON t.a = g.a WHERE c > 0
SELECT * FROM t LEFT JOIN n USING a
SELECT * FROM t LEFT JOIN u ON 0
SELECT * FROM t LEFT JOIN u ON 1
SELECT * FROM t LEFT JOIN u ON NULL
SELECT * FROM t LEFT JOIN u ON t.a = u.a AND 0
SELECT * FROM t LEFT JOIN u ON t.a = u.a AND t.a IN (1, 2) AND u.x LIKE 'r%'
SELECT * FROM t LEFT JOIN u ON t.a = u.a LEFT JOIN n ON t.a = n.a AND u.j > 100
SELECT * FROM t LEFT JOIN u ON t.a = u.a WHERE u.x = 'r' OR t.i = 13
SELECT * FROM t LEFT JOIN u ON t.a=u.a AND t.i>11
SELECT * FROM t LEFT JOIN u ON t.a=u.a AND u.j>101
SELECT * FROM t LEFT JOIN u ON t.a=u.a LEFT JOIN n ON n.a=u.aSETTINGS join_use_nulls=1
SELECT * FROM t LEFT JOIN u ON t.a=u.a OR t.i=u.j
SELECT * FROM t LEFT JOIN u ON t.a=u.aSETTINGS join_use_nulls=1
SELECT * FROM t LEFT JOIN u USING (a) LEFT JOIN n USING (a)
SELECT * FROM t LEFT JOIN u USING (a) SETTINGS join_use_nulls=1
SELECT * FROM t LEFT SEMI JOIN u ON t.a=u.aSETTINGS join_use_nulls=1
SELECT * FROM t RIGHT ANTI JOIN u ON t.a=u.aSETTINGS join_use_nulls=1
SELECT * FROM t RIGHT ANTI JOIN u USING a
SELECT * FROM t RIGHT JOIN u ON t.a = u.a WHERE t.i > 10
SELECT * FROM t RIGHT JOIN u USING (a)
SELECT * FROM t RIGHT SEMI JOIN u USING a
SELECT * FROM t SEMI JOIN u ON t.a=u.a
SELECT * FROM t SEMI JOIN u USING a
SELECT 1 FROM t JOIN u ON not (t.a != u.a)
SELECT a + 1 AS a FROM t JOIN u USING (a)
SELECT a AS b, i FROM t JOIN u USING(a) WHERE b = 1
SELECT a+1 AS z, * FROM t JOIN u ON z=u.a
SELECT a, b, c FROM (SELECT 1 AS a, 2 AS b) JOIN (SELECT 1 AS a, 3 AS c) USING a
SELECT a, count() FROM t FULL JOIN u USING (a) GROUP BY a
SELECT a, t.a, u.a FROM t JOIN u USING (a)
SELECT a, t.a, u.a FROM t LEFT JOIN u USING (a)
SELECT a, t.a, u.a FROM t LEFT JOIN u USING(a) SETTINGS join_use_nulls=1
SELECT a, t.a, u.a FROM t RIGHT JOIN u USING(a)
SELECT a, t.a, u.a FROM t RIGHT JOIN u USING(a) SETTINGS join_use_nulls=1
SELECT a, t.a, u.a, n.a, x FROM t JOIN u USING(a, x) JOIN n USING(a)
SELECT a, u.a, n.a FROM t JOIN u USING(a) JOIN n USING (a)
SELECT a, u.a, n.a FROM t RIGHT JOIN u USING(a) RIGHT JOIN n USING (a)
SELECT count() FROM n AS n1 JOIN n AS n2 USING (a)
SELECT count() FROM t ANY LEFT JOIN u ON t.a = u.a
SELECT count() FROM t JOIN u USING (a) GROUP BY a
SELECT count() FROM t LEFT JOIN u ON t.a = u.a WHERE t.x != u.x
SELECT count() FROM t LEFT JOIN u ON t.a=u.a WHERE u.j = 0
SELECT count() FROM t LEFT JOIN u ON t.a=u.a WHERE u.j IS NULL SETTINGS join_use_nulls=1
SELECT l.a, r.a FROM (SELECT toUInt8(1) AS a) AS l RIGHT JOIN (SELECT 300 AS a) AS r USING a
SELECT n.a IS NULL, t.a FROM n LEFT JOIN t ON n.a = t.a
SELECT sum(t.a), sum(u.a), sum(a) FROM t JOIN u USING (a) WHERE a > 1
SELECT sum(u.j) FROM t LEFT JOIN u ON t.a=u.a GROUP BY t.a
SELECT t.* FROM t JOIN u USING(a)
SELECT t.* FROM t RIGHT JOIN u USING(a)
SELECT t.*, u.* FROM t JOIN u USING (a)
SELECT t.*, u.*, n.* FROM t JOIN u USING(a) JOIN n USING(a)
SELECT t.a AS k, u.j FROM t LEFT JOIN u ON k = u.a
SELECT t.a FROM t JOIN u USING(a) WHERE t.a = 1 GROUP BY t.a
SELECT t.a+1 AS z, * FROM t JOIN u ON z=u.a
SELECT t.a, u.a, n.a FROM t JOIN u USING(a) JOIN n USING(a)
SELECT t.i FROM t ANTI JOIN u ON t.a = u.a
SELECT t.i FROM t ANY RIGHT JOIN u ON t.a = u.a
SELECT t.i FROM t SEMI JOIN u ON t.a = u.a
SELECT t.i, u.j, u.x = '' FROM t ANTI JOIN u ON t.a = u.a AND u.j > 100
SELECT t.x, count(u.j) FROM t LEFT JOIN u ON t.a = u.a GROUP BY t.x SETTINGS join_use_nulls = 1
SELECT t1.a, t2.a FROM t t1 JOIN t t2 USING (i)
SELECT t1.i, t2.i FROM t AS t1 LEFT JOIN t AS t2 ON t1.a = t2.a AND t1.i != t2.i
SELECT toTypeName(t.a), toTypeName(u.a), toTypeName(a) FROM t JOIN u USING(a) LIMIT 1
SELECT u.* FROM t RIGHT JOIN u USING(a)
SELECT u.j FROM t RIGHT ANTI JOIN u ON t.a = u.a
SELECT u.j FROM t RIGHT SEMI JOIN u ON t.a = u.a
SELECT x FROM t JOIN u USING (a)
SELECT * FROM t LEFT SEMI JOIN u ON t.a = u.a AND t.i + 90 < u.j
SELECT * FROM t ANY JOIN u ON t.a = u.a AND t.i + 89 < u.j
SELECT z FROM t JOIN u ON (t.a + 1 AS z) = u.a
SELECT * FROM t JOIN u ON (t.a AS z) = u.a AND z > 1
