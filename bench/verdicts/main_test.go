package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const city = "\ufeffCASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status\n" +
	"1,a,b,c,ONTIME\n2,a,b,c,OVERDUE\n3,a,,c,ONTIME\n4,a,b,,OVERDUE\n5,a,b,c,\n6,a,b,c,ONTIME\n"

func TestOnlyCasesThatTheCityJudgedAreCompared(t *testing.T) {
	found, err := compare(strings.NewReader(city), strings.NewReader("on_time,source_id\ntrue,1\nfalse,2\nfalse,3\ntrue,6\n"))
	require.NoError(t, err)
	require.Equal(t, verdicts{all: 3}, found)
}

func TestEveryDifferenceIsNamed(t *testing.T) {
	found, err := compare(strings.NewReader(city), strings.NewReader("source_id,on_time\n1,false\n2,\n"))
	require.NoError(t, err)
	require.Equal(t, 3, found.all)
	require.Equal(t, []string{`1: the city says ONTIME, we say on_time "false"`, `2: the city says OVERDUE, we say on_time ""`, "6: was not exported"}, found.different)
}

func TestAFileWithoutTheColumnsIsRefused(t *testing.T) {
	_, err := compare(strings.NewReader("id,closed\n1,x\n"), strings.NewReader("source_id,on_time\n"))
	require.ErrorContains(t, err, "CASE_ENQUIRY_ID")
	_, err = compare(strings.NewReader(city), strings.NewReader("id\n"))
	require.ErrorContains(t, err, "source_id")
}
