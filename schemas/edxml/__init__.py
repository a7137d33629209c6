"""The edXML package of QCVN 102:2016/BTTTT: schemas, codes, envelope, reader, writer, rules."""
