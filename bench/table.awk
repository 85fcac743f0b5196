# SPDX-License-Identifier: GPL-3.0-or-later
# The table of bench/run: medians of all rounds of a row, each as a part of the null ESME's steps with as many subscribers, and
# below what issue numbers, "accepted" or not, follow from them. Input: results (bench/rows.sh), then facts: NAME<tab>VALUE.

function median(row, column,    n, i, j, t, v) {
	n = count[row]
	for (i = 1; i <= n; i++) v[i] = value[row, column, i] + 0
	for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
function us(x) { return x < 10000 ? sprintf("%d", x) : x < 1000000 ? sprintf("%.1fms", x / 1000) : sprintf("%.2fs", x / 1000000) }
function steps(name, many) { return (name, many) in count_of ? median(name SUBSEP many, 3) : 0 }
function best(name,    r, m, b) {
	for (r = 1; r <= rows; r++) {
		split(order[r], m, SUBSEP)
		if (m[1] == name && m[2] !~ /\/s/ && median(order[r], 3) > b) b = median(order[r], 3)
	}
	return b
}
function held(what, have, want, unit, least) {
	if (have == 0) { printf "  %-64s %12s  (wanted: %s %s%s)\n", what, "not run", (least ? "at least" : "at most"), want, unit; return }
	printf "  %-64s %12s  (wanted: %s %s%s) %s\n", what, sprintf((have < 10 ? "%.2f%s" : "%.1f%s"), have, unit), (least ? "at least" : "at most"), want, unit,
		((least ? have >= want : have <= want) ? "met" : "NOT MET")
}
function ratio(a, b) { return b > 0 ? a / b : 0 }

BEGIN { FS = "\t" }
NF == 2 { fact[$1] = $2; next }
{
	key = $1 SUBSEP $2
	if (!(key in count)) { order[++rows] = key; count_of[$1, $2] = 1 }
	count[key]++
	for (i = 3; i <= NF; i++) value[key, i, count[key]] = $i
}
END {
	printf "%-34s %8s %9s %8s %9s %8s %8s %8s %8s %9s %8s %6s\n", "", "at once", "steps/s", "ceiling", "dialog/s", "p50", "p99", "p99.9", "most", "CPU/step", "peak MB", "failed"
	for (r = 1; r <= rows; r++) {
		split(order[r], m, SUBSEP)
		ceiling = m[2] ~ /\/s/ ? 0 : steps("null ESME", m[2])
		printf "%-34s %8s %9d %8s %9d %8s %8s %8s %8s %9.2f %8.1f %6d\n", m[1], m[2], median(order[r], 3),
			(ceiling > 0 ? sprintf("%.1f%%", 100 * median(order[r], 3) / ceiling) : ""), median(order[r], 4),
			us(median(order[r], 5)), us(median(order[r], 6)), us(median(order[r], 7)), us(median(order[r], 8)),
			median(order[r], 9), median(order[r], 10) / 1024, median(order[r], 11)
	}
	print ""
	if ("quick" in fact) exit
	print "what is wanted of it:"
	null = steps("null ESME", 64); reg = steps("registration", 64)
	held("1  registrations, of the null ESME's steps, 64 at once", 100 * ratio(reg, null), 20, " %", 1)
	held("1  registrations, of node with SQLite", ratio(reg, best("node + better-sqlite3")), 10, " x", 1)
	held("1  registrations, of Kannel USSD at its best", ratio(reg, best("Kannel USSD, HTTP app")), 25, " x", 1)
	held("2  menu steps, of the null ESME's, 64 at once", 100 * ratio(steps("menus, 59 screens", 64), null), 40, " %", 1)
	held("3  2,000 registrations/s, p99", median("registration" SUBSEP "2000/s", 6) / 1000, 3, " ms", 0)
	held("3  the same steps without a commit, p99", median("menus, 6 screens" SUBSEP "2000/s", 6) / 1000, 1, " ms", 0)
	if ("big_rate" in fact) held("5  registrations on " fact["big_rows"] ", of those on none", 100 * ratio(fact["big_rate"], fact["empty_rate"]), 50, " %", 1)
	if ("start_ms" in fact) held("5  start with " fact["big_rows"] " to the first screen", fact["start_ms"] / 1000, 2, " s", 0)
	held("6  reloads of 350 screens under load, slowest step", median("reload of 350 screens" SUBSEP "2000/s", 8) / 1000, 50, " ms", 0)
	held("7  SMS keyword and answer, of Kannel at its best", ratio(best("SMS keyword"), best("Kannel SMS, fixed text")), 10, " x", 1)
	if ("idle_cpu" in fact) held("8  idle, CPU", fact["idle_cpu"], 0.1, " %", 0)
	if ("idle_mb" in fact) held("8  idle, resident", fact["idle_mb"], 15, " MB", 0)
	print "  4  a million dialogues at once: not of this table"
	if ("lag" in fact) printf "reloads of 350 screens: %s; loop's longest lag %s ms; a reload took %s ms\n", fact["reloads"], fact["lag"], fact["reload_ms"]
}
